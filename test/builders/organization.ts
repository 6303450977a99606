/** Organizations as a vault reports them, said in few words: what is not said is sensible. */
import type { Capabilities } from '#model/capabilities.ts';
import type { LedgerEntry, LossClass, Reservation } from '#model/loss.ts';
import { withoutGrants } from '#model/member-access.ts';
import type {
  Grant,
  Invite,
  Machine,
  MachineKey,
  MachineProject,
  Member,
  MembershipEnd,
  OrganizationState,
  PermissionTemplate,
  ProjectScope,
} from '#model/organization.ts';
import type { Json, ManagedKind, ManagedRecord, Tombstone, TombstoneAct } from '#model/record.ts';

import { UNBOUNDED } from './delegated.ts';

export const VAULT_ID = 'vault_0123456789abcdef';
export const MANAGER = 'acme/acme';
export const NAMESPACE = 'acme';
export const OWNER = 'owner@acme.example';
/** 2026-01-01T00:00:00Z, the moment at which tests plan. */
export const NOW = Date.UTC(2026, 0, 1);
export const HOUR = 60 * 60 * 1000;

const byKey =
  <T>(keyOf: (item: T) => string) =>
  (a: T, b: T): number =>
    keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0;

class OrganizationBuilder {
  #state: OrganizationState = {
    vaultId: VAULT_ID,
    epoch: 'epoch_1',
    revision: 1,
    displayName: 'Acme',
    owner: OWNER,
    plan: {
      name: 'Business',
      caps: { members: null, projects: null, machines: null, groups: null, storedBytes: null },
      billingUrl: 'https://vault.example/billing',
    },
    settings: null,
    members: [],
    groups: [],
    templates: [],
    projects: [],
    secrets: [],
    machines: [],
    records: [],
    tombstones: [],
    formerNames: [],
    ledger: [],
    reservations: [],
    holds: [],
    raises: [],
    approvals: [],
    ...UNBOUNDED,
  };

  constructor() {
    this.member(OWNER, { role: 'Owner' });
  }

  with(fields: Partial<OrganizationState>): this {
    this.#state = { ...this.#state, ...fields };
    return this;
  }

  seats(members: number): this {
    const { plan } = this.#state;
    return this.with({ plan: { ...plan, caps: { ...plan.caps, members } } });
  }

  /** An active member; `invite` makes an invitee of the person. */
  member(email: string, fields: Partial<Member> & { readonly invited?: Partial<Invite> } = {}): this {
    const { invited, ...rest } = fields;
    const invite: Invite | null =
      invited === undefined
        ? null
        : {
            id: `inv_${email}`,
            since: NOW,
            sentAt: NOW,
            expiresAt: NOW + 24 * HOUR,
            attempts: 1,
            ...invited,
          };
    const member: Member = {
      id: `mem_${email}`,
      email,
      userName: null,
      state: invite === null ? 'Active' : 'Invited',
      invite,
      role: 'Member',
      template: null,
      projectScope: null,
      grants: [],
      ...rest,
    };
    const members = [...this.#state.members.filter((other) => other.email !== email), member];
    return this.with({ members: members.sort(byKey((m) => m.email)) });
  }

  template(
    name: string,
    capabilities: Capabilities = { Alerts: ['View'] },
    scope: ProjectScope = 'All',
  ): this {
    const template: PermissionTemplate = {
      id: `tpl_${name}`,
      name,
      description: '',
      capabilities,
      projectScope: scope,
      archived: false,
    };
    return this.with({ templates: [...this.#state.templates, template].sort(byKey((t) => t.name)) });
  }

  group(
    name: string,
    members: readonly string[],
    grants: readonly Grant[] = [],
    ends: readonly MembershipEnd[] = [],
  ): this {
    const listed = { members: members.toSorted(), ...(ends.length === 0 ? {} : { ends }) };
    const group = { id: `grp_${name}`, name, description: '', ...listed, grants };
    return this.with({ groups: [...this.#state.groups, group].sort(byKey((g) => g.name)) });
  }

  /** A project and the names of its secrets. */
  project(name: string, secrets: readonly string[] = [], description = ''): this {
    const { projects } = this.#state;
    this.with({
      projects: [...projects, { id: `prj_${name}`, name, description }].sort(byKey((p) => p.name)),
    });
    for (const secret of secrets) this.secret(name, secret);
    return this;
  }

  secret(project: string, name: string): this {
    const secret = { id: `sec_${project}_${name}`, project, name, version: 1, fieldNames: null };
    const secrets = [...this.#state.secrets, secret];
    return this.with({ secrets: secrets.sort(byKey((s) => `${s.project}/${s.name}`)) });
  }

  machine(name: string, access: readonly MachineProject[] = [], fields: Partial<Machine> = {}): this {
    const machine: Machine = {
      id: `mch_${name}`,
      name,
      approved: true,
      enabled: true,
      disabledAt: null,
      keys: [machineKey(`fp-${name}`)],
      access,
      ...fields,
    };
    return this.with({ machines: [...this.#state.machines, machine].sort(byKey((m) => m.name)) });
  }

  record(kind: ManagedKind, key: string, applied: unknown, fields: Partial<ManagedRecord> = {}): this {
    const record: ManagedRecord = {
      kind,
      key,
      manager: MANAGER,
      origin: NAMESPACE,
      applied: applied as Json,
      deletionPolicy: null,
      provenance: {},
      seenUnder: null,
      ...fields,
    };
    const { rails } = applied as { readonly rails?: Json };
    // As the vault keeps them.
    const settings = kind === 'Organization' && rails !== undefined ? { settings: rails } : {};
    return this.with({ ...settings, records: [...this.#state.records, record] });
  }

  /** Records for everything there is but the owner: the organization is ours, as it stands. */
  ours(): this {
    const { members, groups, templates, projects, machines, secrets } = this.#state;
    for (const there of members) {
      const { email, grants, state } = there;
      if (there.role === 'Owner') continue;
      const declared = state === 'Suspended' ? 'Suspended' : 'Active';
      const member = { ...withoutGrants(there), state: declared };
      this.#once('Member', email, { member, grants });
    }
    for (const { id: _, name, description, ...content } of groups) {
      this.#once('Group', name, { group: { description }, ...content });
    }
    for (const { name, description, capabilities, projectScope } of templates) {
      this.#once('PermissionTemplate', name, { description, capabilities, projectScope });
    }
    for (const { name, description } of projects) {
      const names = secrets.filter(({ project }) => project === name).map((secret) => secret.name);
      this.#once('Project', name, { description, secrets: names }, 'Orphan');
    }
    for (const { name, access } of machines) this.#once('MachineBinding', name, { access }, 'Revoke');
    return this;
  }

  #once(kind: ManagedKind, key: string, applied: unknown, deletionPolicy: string | null = null): void {
    if (this.#state.records.some((record) => record.kind === kind && record.key === key)) return;
    this.record(kind, key, applied, { deletionPolicy });
  }

  tombstone(
    kind: ManagedKind,
    key: string,
    act: TombstoneAct,
    fields: { entry?: string; item?: string; at?: number; final?: boolean; trashed?: string } = {},
  ): this {
    const tombstone: Tombstone = {
      entry: fields.entry ?? `aud_${act}`,
      kind,
      key,
      act,
      item: fields.item ?? null,
      actor: 'carol',
      at: fields.at ?? NOW - HOUR,
      final: fields.final ?? false,
      ...(fields.trashed === undefined ? {} : { trashed: fields.trashed }),
    };
    return this.with({ tombstones: [...this.#state.tombstones, tombstone] });
  }

  lost(lossClass: LossClass, units: number, fields: Partial<LedgerEntry> = {}): this {
    const entry = { class: lossClass, units, at: NOW - HOUR, stepHash: 'lost', approved: false, ...fields };
    return this.with({ ledger: [...this.#state.ledger, entry] });
  }

  reservation(lossClass: LossClass, stepHashes: readonly string[], fields: Partial<Reservation> = {}): this {
    const reservation: Reservation = {
      id: 'res_1',
      class: lossClass,
      digest: 'reserved',
      stepHashes,
      approved: false,
      createdAt: NOW,
      expiresAt: NOW + HOUR,
      ...fields,
    };
    return this.with({ reservations: [...this.#state.reservations, reservation] });
  }

  build(): OrganizationState {
    return this.#state;
  }
}

/** An organization with its owner and nothing else. */
export function organization(): OrganizationBuilder {
  return new OrganizationBuilder();
}

/** A key that nobody used, of no member and of no installation. */
export function machineKey(fingerprint: string, fields: Partial<MachineKey> = {}): MachineKey {
  return { fingerprint, addedAt: 0, installation: null, ...fields };
}
