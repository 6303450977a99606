/**
 * What the machine plane knows of a machine: its keys, its projects, the secrets granted to it one by one (H2).
 * Kept in memory per machine under the vault's two revisions, so a request costs one look at them; a
 * suspended machine or a withdrawn grant acts on the next request.
 *
 * Decides H2: what a machine may read.
 */
import type { KeyObject } from 'node:crypto';
import type { CompiledQuery, Kysely } from 'kysely';
import type { AddressList } from '../common/addresses.ts';
import { keyObject } from '../common/key-object.ts';
import { Guard } from '../machines/guardrails.ts';
import { gateOf } from '../machines/ip-allowlist.ts';
import { addressesOf } from '../machines/key-addresses.ts';
import { PolicyGate } from '../secrets/policy.ts';
import type { Database } from '../store/schema.ts';

/** A secret that a machine was granted, as clients see it. */
export interface GrantedSecret {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly version: number;
  /** The secret revision at which the version was stored, and when (milliseconds since the epoch). */
  readonly moved: number;
  readonly movedAt: number;
  /** Comma-separated; null where it is not structured. */
  readonly fieldNames: string | null;
  /** Null: it is held to none. */
  readonly policy: PolicyGate | null;
}

/** A key that is accepted of a machine. */
export interface KnownKey {
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** Where it is answered from (V4); null: anywhere that the IP allowlist lets through. */
  readonly addresses: AddressList | null;
}

export interface KnownMachine {
  readonly id: string;
  /** Of its vault, when it was looked at. */
  readonly revision: number;
  readonly name: string;
  readonly vaultId: string;
  readonly approved: boolean;
  readonly enabled: boolean;
  /** Its end, milliseconds since the epoch; null: none. */
  readonly expiresAt: number | null;
  /** Null: it is held to none. */
  readonly guard: Guard | null;
  /** The IP allowlist of its vault; null: it is off. */
  readonly gate: AddressList | null;
  readonly keys: readonly KnownKey[];
  /** Names by id, sorted by name. */
  readonly projects: ReadonlyMap<string, string>;
  /** By id, sorted by project and name; only of projects that the machine is in. */
  readonly secrets: ReadonlyMap<string, GrantedSecret>;
}

interface Revisions {
  readonly revision: number;
  readonly secret_revision: number;
}

interface Entry extends Revisions {
  readonly machine: KnownMachine;
}

export class MachineDirectory {
  readonly #reader: Kysely<Database>;
  readonly #entries = new Map<string, Entry>();
  /** Under way in this turn of the event loop, by vault. */
  readonly #looks = new Map<string, Promise<Revisions | undefined>>();
  /** Of a vault's id; compiled once, because every request asks it. */
  readonly #revisionsOf: CompiledQuery<Revisions>;

  constructor(reader: Kysely<Database>) {
    this.#reader = reader;
    this.#revisionsOf = reader
      .selectFrom('vaults')
      .select(['revision', 'secret_revision'])
      .where('id', '=', '')
      .compile();
  }

  /** The machine as the last commit has it; null where there is none. */
  async find(machineId: string): Promise<KnownMachine | null> {
    const entry = this.#entries.get(machineId);
    if (entry === undefined) return this.#load(machineId);
    const now = await this.#revisions(entry.machine.vaultId);
    const isCurrent =
      now !== undefined && now.revision === entry.revision && now.secret_revision === entry.secret_revision;
    return isCurrent ? entry.machine : this.#load(machineId);
  }

  /**
   * The machine as of the revision at which the row of its vault is locked: nothing of it can move meanwhile, so the
   * last commit is that revision. Null where there is none.
   */
  async at(machineId: string, revision: number): Promise<KnownMachine | null> {
    const entry = this.#entries.get(machineId);
    return entry?.revision === revision ? entry.machine : this.#load(machineId);
  }

  /** Requests that came in the same turn of the event loop share one look: none of them could know of anything newer. */
  #revisions(vaultId: string): Promise<Revisions | undefined> {
    const looking = this.#looks.get(vaultId);
    if (looking !== undefined) return looking;
    const look = this.#look(vaultId);
    if (this.#looks.size === 0) setImmediate(() => this.#looks.clear());
    this.#looks.set(vaultId, look);
    return look;
  }

  async #look(vaultId: string): Promise<Revisions | undefined> {
    const { rows } = await this.#reader.executeQuery<Revisions>({
      ...this.#revisionsOf,
      parameters: [vaultId],
    });
    return rows[0];
  }

  async #load(machineId: string): Promise<KnownMachine | null> {
    // The revisions are read first: what is read after them can only be newer, and is then read again.
    const row = await machineRow(this.#reader, machineId);
    if (row === undefined) {
      this.#entries.delete(machineId);
      return null;
    }
    const machine = machineOf(machineId, row, await grantRows(this.#reader, machineId));
    const { revision, secret_revision } = row;
    this.#entries.set(machineId, { machine, revision, secret_revision });
    return machine;
  }
}

/** The machine with the IP allowlist and the revisions of its vault. */
function machineRow(reader: Kysely<Database>, machineId: string) {
  return reader
    .selectFrom('machines')
    .innerJoin('vaults', 'vaults.id', 'machines.vault_id')
    .leftJoin('ip_allowlists', 'ip_allowlists.vault_id', 'machines.vault_id')
    .select([
      'machines.name',
      'machines.vault_id',
      'machines.approved',
      'machines.enabled',
      'machines.expires_at',
      'machines.guardrails',
      'ip_allowlists.enabled as gate_enabled',
      'ip_allowlists.entries as gate_entries',
      'vaults.revision',
      'vaults.secret_revision',
    ])
    .where('machines.id', '=', machineId)
    .executeTakeFirst();
}

/** Its keys, the projects that it is in, and the secrets granted to it with their policies. */
async function grantRows(reader: Kysely<Database>, machineId: string) {
  const [keys, projects, secrets] = await Promise.all([
    reader
      .selectFrom('machine_keys')
      .select(['fingerprint', 'public_key', 'addresses'])
      .where('machine_id', '=', machineId)
      .execute(),
    reader
      .selectFrom('machine_projects')
      .innerJoin('projects', 'projects.id', 'machine_projects.project_id')
      .select(['projects.id', 'projects.name'])
      .where('machine_id', '=', machineId)
      .where('projects.deleted_at', 'is', null)
      .orderBy('projects.name')
      .execute(),
    reader
      .selectFrom('machine_secrets')
      .innerJoin('secrets', 'secrets.id', 'machine_secrets.secret_id')
      .leftJoin('secret_policies', 'secret_policies.secret_id', 'secrets.id')
      .select([
        'secrets.id',
        'secrets.name',
        'secrets.project_id',
        'secrets.current_version',
        'secrets.version_revision',
        'secrets.version_at',
        'secrets.field_names',
        'secret_policies.conditions',
      ])
      .where('machine_id', '=', machineId)
      .where('secrets.deleted_at', 'is', null)
      .orderBy('secrets.name')
      .execute(),
  ]);
  return { keys, projects, secrets };
}

/** Only secrets of projects that the machine is in, sorted by project and name. */
function machineOf(
  machineId: string,
  row: NonNullable<Awaited<ReturnType<typeof machineRow>>>,
  { keys, projects, secrets }: Awaited<ReturnType<typeof grantRows>>,
): KnownMachine {
  const order = new Map(projects.map(({ id }, index) => [id, index]));
  const granted = secrets
    .filter(({ project_id }) => order.has(project_id))
    .sort((a, b) => (order.get(a.project_id) ?? 0) - (order.get(b.project_id) ?? 0));
  return {
    id: machineId,
    revision: row.revision,
    name: row.name,
    vaultId: row.vault_id,
    approved: row.approved === 1,
    enabled: row.enabled === 1,
    expiresAt: row.expires_at,
    guard: row.guardrails === null ? null : new Guard(row.guardrails),
    gate: gateOf({ enabled: row.gate_enabled, entries: row.gate_entries }),
    keys: keys.map((row) => ({
      fingerprint: row.fingerprint,
      key: keyObject(row.public_key),
      addresses: addressesOf(row),
    })),
    projects: new Map(projects.map(({ id, name }) => [id, name])),
    secrets: new Map(
      granted.map((secret) => [
        secret.id,
        {
          id: secret.id,
          name: secret.name,
          projectId: secret.project_id,
          version: secret.current_version,
          moved: secret.version_revision,
          movedAt: secret.version_at,
          fieldNames:
            secret.field_names === null ? null : (JSON.parse(secret.field_names) as string[]).join(','),
          policy: secret.conditions === null ? null : new PolicyGate(secret.conditions),
        },
      ]),
    ),
  };
}
