/** The one implementation of `VaultContext`: acts over a store. */

import type { Transaction } from 'kysely';
import type { Actor } from '../act/actor.ts';
import type { Act, AuditRecord, Clock, VaultContext } from '../act/context.ts';
import { MoveSignal } from '../act/move-signal.ts';
import { DEFAULT_OUTGOING, type OutgoingSettings } from '../act/outgoing-settings.ts';
import { AlertWatch } from '../alerts/alert-notices.ts';
import { ChainWriter } from '../audit/chain-writer.ts';
import { standingDelegation } from '../automation/delegation.ts';
import { type Ids, randomIds } from '../common/ids.ts';
import { DEFAULT_CATALOG, type PlanCatalog, planNamed } from '../common/tiers.ts';
import { vaultNotFound } from '../common/vault-not-found.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import { DIRECT, type Network } from '../http/network.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import type { Store } from '../store/store-interface.ts';

export interface ContextOptions {
  readonly store: Store;
  readonly cipher: SecretCipher;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly catalog?: PlanCatalog;
  readonly network?: Network;
  readonly outgoing?: OutgoingSettings;
}

const systemClock: Clock = { now: () => Date.now() };

/** Builds the context of one server process. */
export function makeContext(options: ContextOptions): VaultContext {
  const { store, cipher, clock = systemClock, ids = randomIds, catalog = DEFAULT_CATALOG } = options;
  const { network = DIRECT, outgoing = DEFAULT_OUTGOING } = options;
  const signal = new MoveSignal();
  const alerts = new AlertWatch();
  store.replicas?.listen((id) => signal.raise(id));

  /** One act in a transaction that holds the row of its vault. */
  const acting =
    <T>(vaultId: string, asked: Actor, work: (act: Act) => Promise<T>) =>
    async (db: Transaction<Database>, vault: VaultTable | undefined) => {
      if (vault === undefined) throw vaultNotFound();
      const now = clock.now();
      const actor = asked.type === 'automation' ? await standingDelegation(db, asked, now) : asked;
      const chain = new ChainWriter(db, vault);
      const rules = await alerts.rulesAt(db, vault);
      let configuration = false;
      let secrets = false;
      const append = async (said: AuditRecord): Promise<string> => {
        const record = withProvenance(said, actor);
        const id = ids.make('aud');
        await chain.append(id, now, actor, record);
        await alerts.note(db, vault, rules, { id, at: now, actor, record });
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
    };

  const act: VaultContext['act'] = async (vaultId, actor, work) => {
    const { result, moved } = await store.transactionIn(vaultId, acting(vaultId, actor, work));
    if (moved) signal.raise(vaultId);
    return result;
  };

  const actInEach: VaultContext['actInEach'] = async (vaultIds, actor, work, last) => {
    // In one order, so that two of these never wait for each other.
    const ids = [...new Set(vaultIds)].sort();
    const { result, movedIn } = await store.transaction(async (db) => {
      const movedIn: string[] = [];
      const rows = new Map<string, VaultTable>();
      for (const id of ids) {
        // Setting it to what it is locks the row, on either database.
        const row = await db
          .updateTable('vaults')
          .set(({ ref }) => ({ revision: ref('revision') }))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row !== undefined) rows.set(id, row);
      }
      for (const [id, row] of rows) {
        const { moved } = await acting(id, actor, work)(db, row);
        if (moved) movedIn.push(id);
      }
      return { result: await last(db), movedIn };
    });
    for (const id of movedIn) signal.raise(id);
    return result;
  };

  return {
    clock,
    ids,
    cipher,
    catalog,
    network,
    outgoing,
    reader: store.reader,
    longReader: store.longReader,
    act,
    actInEach,
    bookkeep: (work) => store.transaction(work),
    bookkeepIn: (vaultId, work) => store.transactionIn(vaultId, work),
    bookkeepOf: async (accountId, work) => {
      const result = await store.transaction(async (db) => {
        const result = await work(db);
        await store.replicas?.announce(accountId, db);
        return result;
      });
      signal.raise(accountId);
      return result;
    },
    hasReplicas: store.replicas !== null,
    moved: (id, milliseconds, aborted) => signal.wait(id, milliseconds, aborted),
    wake: (id) => {
      signal.raise(id);
      // What is lost here is found when the poll ends.
      store.replicas?.announce(id).catch(() => undefined);
    },
  };
}

/** A4: what the act itself says of where it comes from, else what its request says. */
function withProvenance(record: AuditRecord, actor: Actor): AuditRecord {
  if (actor.type !== 'automation' || Object.keys(record.provenance ?? {}).length > 0) return record;
  return { ...record, provenance: actor.request.provenance };
}
