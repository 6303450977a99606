/** The one implementation of `VaultContext`: acts over a store. */

import type { Transaction } from 'kysely';
import type { Clock, VaultContext } from '../act/context.ts';
import { MoveSignal } from '../act/move-signal.ts';
import { DEFAULT_OUTGOING, type OutgoingSettings } from '../act/outgoing-settings.ts';
import { AlertWatch } from '../alerts/alert-notices.ts';
import { type Ids, randomIds } from '../common/ids.ts';
import { DEFAULT_CATALOG, type TierCatalog } from '../common/tiers.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import { DIRECT, type Network } from '../http/network.ts';
import { KeyUse } from '../machines/key-use.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import type { Store } from '../store/store-interface.ts';
import { type ActParts, actIn } from './one-act.ts';

export interface ContextOptions {
  readonly store: Store;
  readonly cipher: SecretCipher;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly catalog?: TierCatalog;
  readonly network?: Network;
  readonly outgoing?: OutgoingSettings;
}

const systemClock: Clock = { now: () => Date.now() };

/** Builds the context of one server process. */
export function makeContext(options: ContextOptions): VaultContext {
  const { store, cipher, clock = systemClock, ids = randomIds, catalog = DEFAULT_CATALOG } = options;
  const { network = DIRECT, outgoing = DEFAULT_OUTGOING } = options;
  const signal = new MoveSignal();
  store.replicas?.listen((id) => signal.raise(id));

  const bookkeep: VaultContext['bookkeep'] = (work) => store.transaction(work);
  const keyUses = new KeyUse({ bookkeep });
  const parts: ActParts = { store, cipher, clock, ids, catalog, alerts: new AlertWatch(), keyUses };

  const act: VaultContext['act'] = async (vaultId, actor, work) => {
    const { result, moved } = await store.transactionIn(vaultId, (db, vault) =>
      actIn(parts, { db, vault, actor }, work),
    );
    if (moved) signal.raise(vaultId);
    return result;
  };

  const actInEach: VaultContext['actInEach'] = async (vaultIds, actor, work, last) => {
    const { result, movedIn } = await store.transaction(async (db) => {
      const movedIn: string[] = [];
      for (const vault of await lockedVaults(db, vaultIds)) {
        const { moved } = await actIn(parts, { db, vault, actor }, work);
        if (moved) movedIn.push(vault.id);
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
    bookkeep,
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
    keyUses,
    hasReplicas: store.replicas !== null,
    moved: (id, milliseconds, aborted) => signal.wait(id, milliseconds, aborted),
    wake: (id) => {
      signal.raise(id);
      // What is lost here is found when the poll ends.
      store.replicas?.announce(id).catch(() => undefined);
    },
  };
}

/** The rows of those that there are, locked in one order, so that two of these never wait for each other. */
async function lockedVaults(
  db: Transaction<Database>,
  vaultIds: readonly string[],
): Promise<readonly VaultTable[]> {
  const rows: VaultTable[] = [];
  for (const id of [...new Set(vaultIds)].sort()) {
    // Setting it to what it is locks the row, on either database.
    const row = await db
      .updateTable('vaults')
      .set(({ ref }) => ({ revision: ref('revision') }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
