/** The one implementation of `VaultContext`: acts over a store. */
import { ChainWriter } from '../audit/chain-writer.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import { DIRECT, type Network } from '../network.ts';
import type { Store } from '../store/store-interface.ts';
import type { Actor } from './actor.ts';
import type { Act, AuditRecord, Clock, VaultContext } from './context.ts';
import { DomainError } from './domain-error.ts';
import { type Ids, randomIds } from './ids.ts';
import { MoveSignal } from './move-signal.ts';
import { DEFAULT_CATALOG, type PlanCatalog, planNamed } from './plans.ts';

export interface ContextOptions {
  readonly store: Store;
  readonly cipher: SecretCipher;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly catalog?: PlanCatalog;
  readonly network?: Network;
}

const systemClock: Clock = { now: () => Date.now() };

/** Builds the context of one server process. */
export function makeContext(options: ContextOptions): VaultContext {
  const { store, cipher, clock = systemClock, ids = randomIds, catalog = DEFAULT_CATALOG } = options;
  const { network = DIRECT } = options;
  const signal = new MoveSignal();
  store.replicas?.listen((vaultId) => signal.raise(vaultId));

  const act = async <T>(vaultId: string, actor: Actor, work: (act: Act) => Promise<T>): Promise<T> => {
    const { result, moved } = await store.transactionIn(vaultId, async (db, vault) => {
      if (vault === undefined) throw vaultNotFound();
      const chain = new ChainWriter(db, vault);
      const now = clock.now();
      let configuration = false;
      let secrets = false;
      const append = async (record: AuditRecord): Promise<string> => {
        const id = ids.make('aud');
        await chain.append(id, now, actor, record);
        return id;
      };
      const result = await work({
        db,
        vault,
        actor,
        now,
        ids,
        cipher,
        plan: planNamed(catalog, vault.plan),
        nextSecretRevision: vault.secret_revision + 1,
        audit: (record) => {
          configuration = true;
          return append(record);
        },
        auditOnly: (record, moves) => {
          if (moves === 'secrets') secrets = true;
          return append(record);
        },
        movesSecrets: () => {
          secrets = true;
        },
      });
      if (chain.sequence !== vault.audit_sequence) {
        await db
          .updateTable('vaults')
          .set({
            revision: vault.revision + (configuration ? 1 : 0),
            secret_revision: vault.secret_revision + (secrets ? 1 : 0),
            audit_sequence: chain.sequence,
            audit_hash: chain.hash,
          })
          .where('id', '=', vaultId)
          .execute();
      }
      const moved = configuration || secrets;
      if (moved) await store.replicas?.announce(vaultId, db);
      return { result, moved };
    });
    if (moved) signal.raise(vaultId);
    return result;
  };

  return {
    clock,
    ids,
    cipher,
    catalog,
    network,
    reader: store.reader,
    act,
    bookkeep: (work) => store.transaction(work),
    bookkeepIn: (vaultId, work) => store.transactionIn(vaultId, work),
    hasReplicas: store.replicas !== null,
    moved: (vaultId, milliseconds, aborted) => signal.wait(vaultId, milliseconds, aborted),
    wake: (vaultId) => {
      signal.raise(vaultId);
      // What is lost here is found when the poll ends.
      store.replicas?.announce(vaultId).catch(() => undefined);
    },
  };
}

/** Says nothing about which vaults there are. */
export function vaultNotFound(): DomainError {
  return new DomainError({
    code: 'VaultNotFound',
    status: 404,
    detail: 'There is no such vault here.',
    next: 'Check the vault id and the URL of the server.',
  });
}
