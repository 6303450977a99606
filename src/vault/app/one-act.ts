/**
 * One act in a transaction that holds the row of its vault: the change, its audit entries and the revision (A2).
 *
 * Decides A2: that a change and its entry are one transaction.
 */
import type { Transaction } from 'kysely';
import type { Actor } from '../act/actor.ts';
import type { Act, AuditRecord, Clock, KeyUses } from '../act/context.ts';
import type { AlertWatch } from '../alerts/alert-notices.ts';
import { ChainWriter } from '../audit/chain-writer.ts';
import { currentDelegation } from '../automation/delegation.ts';
import type { Ids } from '../common/ids.ts';
import { type TierCatalog, tierNamed } from '../common/tiers.ts';
import { vaultNotFound } from '../common/vault-not-found.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import type { Store } from '../store/store-interface.ts';

/** What every act of a server process has in hand. */
export interface ActParts {
  readonly store: Pick<Store, 'replicas'>;
  readonly cipher: SecretCipher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly catalog: TierCatalog;
  readonly alerts: AlertWatch;
  readonly keyUses: KeyUses;
}

/** How often each process writes the last use of machine keys, in milliseconds. */
export const KEY_USE_INTERVAL = 10_000;
/** The writing itself takes time, and may fail once. */
const KEY_USE_LAG = 2 * KEY_USE_INTERVAL;

/** In which transaction, and on which row, who acts. */
interface Acting {
  readonly db: Transaction<Database>;
  /** Locked. */
  readonly vault: VaultTable | undefined;
  readonly actor: Actor;
}

/**
 * Runs `work`, writes what it says to the audit log and moves the revisions that it moved. Throws DomainError
 * `VaultNotFound`, and `Unauthenticated` where the automation identity is over by now.
 */
export async function actIn<T>(
  { store, cipher, clock, ids, catalog, alerts, keyUses }: ActParts,
  { db, vault, actor: asked }: Acting,
  work: (act: Act) => Promise<T>,
): Promise<{ result: T; moved: boolean }> {
  if (vault === undefined) throw vaultNotFound();
  const now = clock.now();
  const actor = asked.type === 'automation' ? await currentDelegation(db, asked, now) : asked;
  const chain = new ChainWriter(db, vault);
  const rules = await alerts.rulesAt(db, vault);
  const appendAll = async (said: readonly { readonly by: Actor; readonly record: AuditRecord }[]) => {
    const entries = said.map(({ by, record }) => ({
      id: ids.make('aud'),
      at: now,
      actor: by,
      record: withProvenance(record, by),
    }));
    await chain.append(entries);
    for (const entry of entries) await alerts.note(db, vault, rules, entry);
    return entries;
  };
  const append = async (record: AuditRecord): Promise<string> => {
    const [entry] = await appendAll([{ by: actor, record }]);
    return entry?.id ?? '';
  };
  const moves: Moves = { configuration: false, secrets: false };
  const result = await work({
    db,
    vault,
    actor,
    now,
    ids,
    cipher,
    tier: tierNamed(catalog, vault.plan),
    keyUses,
    keyUseLag: store.replicas === null ? 0 : KEY_USE_LAG,
    nextSecretRevision: vault.secret_revision + 1,
    audit: (record) => {
      moves.configuration = true;
      return append(record);
    },
    auditOnly: (record, moved) => {
      if (moved === 'secrets') moves.secrets = true;
      return append(record);
    },
    auditMachines: async (entries) => {
      await appendAll(entries.map(({ machine, record }) => ({ by: machine, record })));
    },
    movesSecrets: () => {
      moves.secrets = true;
    },
  });
  if (chain.sequence !== vault.audit_sequence) await storeMoves(db, vault, chain, moves);
  const moved = moves.configuration || moves.secrets;
  if (moved) await store.replicas?.announce(vault.id, db);
  return { result, moved };
}

/** Which revisions an act moves. */
interface Moves {
  configuration: boolean;
  secrets: boolean;
}

async function storeMoves(
  db: Transaction<Database>,
  vault: VaultTable,
  chain: ChainWriter,
  { configuration, secrets }: Moves,
): Promise<void> {
  await db
    .updateTable('vaults')
    .set({
      revision: vault.revision + (configuration ? 1 : 0),
      secret_revision: vault.secret_revision + (secrets ? 1 : 0),
      audit_sequence: chain.sequence,
      audit_hash: chain.hash,
    })
    .where('id', '=', vault.id)
    .execute();
}

/** A4: what the act itself says of where it comes from, else what its request says. */
function withProvenance(record: AuditRecord, actor: Actor): AuditRecord {
  if (actor.type !== 'automation' || Object.keys(record.provenance ?? {}).length > 0) return record;
  return { ...record, provenance: actor.request.provenance };
}
