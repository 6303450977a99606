/**
 * What a caller sees of a vault: the snapshot with its ETag, and what lies beside it (V1, rail 10, A3).
 *
 * Decides V1: the snapshot, and the long poll of changes.
 */
import type { Kysely } from 'kysely';
import type { ChangesAnswer, VolatileState } from '#protocol/management.ts';
import type { VaultContext } from '../act/context.ts';
import { etagOf } from '../act/etag.ts';
import { poll } from '../act/long-poll.ts';
import { byText } from '../common/scope.ts';
import { tierNamed } from '../common/tiers.ts';
import { vaultNotFound } from '../common/vault-not-found.ts';
import type { Database, LeaseTable, VaultTable } from '../store/schema.ts';
import { freezeFlag } from './lease.ts';
import { leaseState } from './lease-states.ts';
import { type DelegatedState, type StateParts, stateParts } from './organization-state.ts';
import { snapshotText } from './snapshot-text.ts';

interface Snapshot {
  readonly etag: string;
  /** JSON of the state without its last brace, for what is the asking delegation's to follow. */
  readonly text: Uint8Array;
}

export interface VaultView {
  readonly etag: string;
  readonly vault: VaultTable;
  readonly volatile: VolatileState;
  /** Grows or changes with what a long poll should tell at once though no revision moved. */
  readonly stir: string;
}

/** Snapshots as they go over the wire, built once a revision. */
export class Observatory {
  readonly #context: VaultContext;
  readonly #lengths = new Map<string, number>();
  readonly #snapshots = new Map<string, { readonly state: string; readonly building: Promise<Snapshot> }>();

  constructor(context: VaultContext) {
    this.#context = context;
  }

  /** Where the vault stands now: one query. Throws `VaultNotFound`. */
  async view(vaultId: string): Promise<VaultView> {
    const row = await this.#context.reader
      .selectFrom('vaults')
      .leftJoin('leases', 'leases.vault_id', 'vaults.id')
      .leftJoin('records', (join) =>
        join
          .onRef('records.vault_id', '=', 'vaults.id')
          .onRef('records.key', '=', 'vaults.id')
          .on('records.kind', '=', 'Organization'),
      )
      .leftJoin('lease_numbers', (join) =>
        join
          .onRef('lease_numbers.vault_id', '=', 'vaults.id')
          .onRef('lease_numbers.manager', '=', 'records.manager'),
      )
      .selectAll('vaults')
      .select(['records.manager as managed_by', 'lease_numbers.fencing as last_fencing'])
      .select([
        'leases.manager',
        'leases.installation',
        'leases.fencing',
        'expires_at',
        'holder',
        'since',
        'lent_by',
        'asked_manager',
        'asked_by',
        'asked_at',
        'yield_to',
        'yield_until',
        'freeze_by',
        'freeze_reason',
        'freeze_at',
        'freeze_all',
      ])
      .where('vaults.id', '=', vaultId)
      .executeTakeFirst();
    if (row === undefined) throw vaultNotFound();
    const lease: LeaseTable = {
      ...row,
      vault_id: vaultId,
      fencing: row.fencing ?? 0,
      expires_at: row.expires_at ?? 0,
      yield_until: row.yield_until ?? 0,
      holder: row.holder ?? 'Operator',
      since: row.since ?? 0,
      asked_at: row.asked_at ?? 0,
      freeze_all: row.freeze_all ?? 0,
    };
    const now = this.#context.clock.now();
    return {
      etag: etagOf(row),
      vault: row,
      volatile: volatileOf(row, lease, now),
      stir: JSON.stringify([
        lease.fencing,
        lease.manager,
        lease.installation,
        lease.lent_by,
        lease.yield_to,
        lease.yield_until,
        lease.freeze_at,
        lease.freeze_all,
      ]),
    };
  }

  /** The snapshot of the newest revision, at least as new as the view, as the text of its JSON without its end. */
  async snapshot(
    view: VaultView,
    delegated: DelegatedState,
  ): Promise<Snapshot & { readonly end: Uint8Array }> {
    const vaultId = view.vault.id;
    const kept = this.#snapshots.get(vaultId);
    // Asked for twice at once, it is built once.
    // Sightings move no revision, and are in the snapshot.
    const state = `${view.etag} ${view.vault.sightings}`;
    const building = kept?.state === state ? kept.building : this.#build(vaultId);
    this.#snapshots.set(vaultId, { state, building });
    const snapshot = await building.catch((error: unknown) => {
      this.#snapshots.delete(vaultId);
      throw error;
    });
    return { ...snapshot, end: Buffer.from(`,${JSON.stringify(delegated).slice(1)}`) };
  }

  /** Snapshots of a vault are about as long as the last one was. */
  async #written(vaultId: string, parts: StateParts): Promise<Uint8Array> {
    const text = await snapshotText(parts, this.#lengths.get(vaultId) ?? 0);
    this.#lengths.set(vaultId, text.length);
    return text;
  }

  async #build(vaultId: string): Promise<Snapshot> {
    const context = this.#context;
    return context.longReader.transaction().execute(async (db) => {
      const vault = await db.selectFrom('vaults').selectAll().where('id', '=', vaultId).executeTakeFirst();
      if (vault === undefined) throw vaultNotFound();
      const plan = tierNamed(context.catalog, vault.plan);
      const parts = await stateParts(db, vault, plan, context.clock.now());
      return { etag: etagOf(vault), text: await this.#written(vaultId, parts) };
    });
  }

  /**
   * Waits until the configuration is newer than `since`, a secret newer than `secretsSince`, the lease or the
   * freeze flag changed, the wait (milliseconds) is over, or the signal aborts.
   */
  async changes(
    vaultId: string,
    since: { readonly revision: number; readonly secretRevision: number | null },
    wait: number,
    signal: AbortSignal,
  ): Promise<ChangesAnswer> {
    const first = await this.view(vaultId);
    const secretsSince = since.secretRevision ?? first.vault.secret_revision;
    const { view } = await poll(this.#context, { ids: [vaultId], milliseconds: wait, signal }, async () => {
      const view = await this.view(vaultId);
      const { revision, secret_revision } = view.vault;
      const stands =
        revision === since.revision && secret_revision === secretsSince && view.stir === first.stir;
      return { stands, view };
    });
    return {
      epoch: view.vault.epoch,
      revision: view.vault.revision,
      secrets: await secretsAfter(this.#context.reader, vaultId, secretsSince),
      volatile: view.volatile,
    };
  }
}

/** Of the record of the organization. */
interface ManagedRow {
  readonly managed_by: string | null;
  readonly last_fencing: number | null;
}

function volatileOf(vault: VaultTable & ManagedRow, lease: LeaseTable, now: number): VolatileState {
  return {
    head: { epoch: vault.epoch, sequence: vault.audit_sequence, hash: vault.audit_hash },
    lease: leaseState(lease, now),
    freeze: freezeFlag(lease),
    managedBy:
      vault.managed_by === null ? null : { manager: vault.managed_by, fencing: vault.last_fencing ?? 0 },
    yieldRequested: lease.yield_to !== null && lease.yield_until > now,
    secretRevision: vault.secret_revision,
  };
}

async function secretsAfter(
  db: Kysely<Database>,
  vaultId: string,
  revision: number,
): Promise<ChangesAnswer['secrets']> {
  const rows = await db
    .selectFrom('secrets')
    .select(['id', 'current_version as version'])
    .where('vault_id', '=', vaultId)
    .where('revision', '>', revision)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.sort((a, b) => byText(a.id, b.id));
}
