/** A vault with one of every kind of actor that the rules tell apart, each able to ask any route. */
import { newKeyPair } from '#identity/key-pair.ts';
import type { Capabilities } from '#model/capabilities.ts';
import type { MemberAccess } from '#model/organization.ts';
import type { Fence } from '#protocol/management.ts';
import { automationPayload, bodyHash, HEADERS, machinePayload, signPayload } from '#protocol/signing.ts';
import { newAccount } from '#test/builders/account.ts';
import { RAILS } from '#test/builders/desired.ts';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import {
  access,
  MovedClock,
  newIdentity,
  OWNER,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { DIRECT } from '#vault/http/network.ts';
import { setEnabled } from '#vault/machines/machines.ts';
import { acceptInvite, myInvites } from '#vault/members/invites.ts';
import { createOrganization } from '#vault/organizations/organizations.ts';
import { type Account, accountOf } from '#vault/sessions/accounts.ts';
import { openSession } from '#vault/sessions/sessions.ts';
import { type Answer, Asking } from './asking.ts';
import { ABILITIES, type Ability, CELLS, type Cell, INSIDE, type Kind, MATRIX, OUTSIDE } from './oracle.ts';

/** What a signature is over. */
export interface Unsigned {
  readonly method: string;
  readonly target: string;
  readonly body: string | Uint8Array;
}

export interface Actor {
  readonly name: string;
  readonly kind: Kind;
  ask(method: string, target: string, body?: unknown): Promise<Answer>;
  /** The headers by which it proves itself for this request. */
  headers(request: Unsigned): Record<string, string>;
  /** Another of the same kind, with nothing in common but that. */
  another(): Promise<Actor>;
}

/** Of more approvers than the table makes. */
const APPROVERS = Array.from({ length: 200 }, (_, index) => `approver-${index + 1}@acme.example`);

export class World {
  readonly vault: TestVault;
  readonly clock: MovedClock;
  readonly actors: Actor[] = [];
  /** Of a secret in both projects, by project. */
  secretIds: Readonly<Record<string, string>> = {};
  readonly #asking: Asking;
  #names = 0;
  readonly #approvers = [...APPROVERS];

  constructor(vault: TestVault, clock: MovedClock) {
    this.vault = vault;
    this.clock = clock;
    this.#asking = new Asking(vault.server.port);
  }

  get vaultId(): string {
    return this.vault.vaultId;
  }
  /** Target of a path below the vault. */
  at(path: string): string {
    return `/api/v1/vaults/${this.vaultId}${path}`;
  }
  /** A name that nothing has yet. */
  newName(): string {
    this.#names += 1;
    return `n${this.#names}`;
  }
  /** The address of one whom the rails name an approver, and who is nobody yet. */
  newApprover(): string {
    const next = this.#approvers.shift();
    if (next === undefined) throw new Error('too few approvers are named');
    return next;
  }
  /** The lease that writes of automation go under. */
  fence(): Promise<Fence> {
    return this.vault.fence();
  }

  /** So many milliseconds later; the lease was renewed meanwhile. */
  async later(milliseconds: number): Promise<void> {
    const { manager, installation } = await this.fence();
    this.clock.advance(milliseconds);
    await this.vault.lease(manager, installation);
  }

  actor(name: string): Actor {
    const found = this.actors.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no actor ${name}`);
    return found;
  }

  /** A request of the owner that has to be done, below the vault. */
  async prepare(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await this.actor('owner').ask(method, this.at(path), body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Another text after every act, whoever's. */
  async revisions(): Promise<string> {
    const row = await this.vault.context.reader
      .selectFrom('vaults')
      .select(['revision', 'secret_revision', 'audit_sequence', 'audit_hash'])
      .where('id', '=', this.vaultId)
      .executeTakeFirstOrThrow();
    return JSON.stringify(row);
  }

  /** Every session proved its person so many milliseconds ago. */
  async proven(ago: number): Promise<void> {
    await this.vault.database.edit('update sessions set proven_at = ?', this.clock.now() - ago);
  }

  async close(): Promise<void> {
    this.#asking.close();
    await this.vault[Symbol.asyncDispose]();
  }

  add(actor: Actor): void {
    this.actors.push(actor);
  }

  /** Somebody who comes with these headers of the request. */
  asker(
    name: string,
    kind: Kind,
    headers: (request: Unsigned) => Record<string, string>,
    another: () => Promise<Actor>,
  ): Actor {
    const ask = (method: string, target: string, body?: unknown): Promise<Answer> => {
      const text = body === undefined ? '' : JSON.stringify(body);
      return this.#asking.send(method, target, text, headers({ method, target, body: text }));
    };
    return { name, kind, ask, headers, another };
  }
}

/** Passkeys are bound to a host name. */
const NAMED = { ...DIRECT, publicUrl: 'https://vault.acme.example' };

/**
 * Starts it, with a member for each of `cellSets`: the cells that they are given by their template. Where the vault is
 * left out, one is started.
 */
export async function startWorld(
  cellSets: readonly (readonly Cell[])[],
  start: (clock: MovedClock) => Promise<TestVault> = (clock) => startTestVault({ clock, network: NAMED }),
): Promise<World> {
  const clock = new MovedClock();
  const vault = await start(clock);
  const world = new World(vault, clock);
  const ids = await setValues(vault, {
    [`${INSIDE}/secret`]: 'one',
    [`${OUTSIDE}/secret`]: 'two',
    [`${INSIDE}/metered`]: 'three',
    [`${OUTSIDE}/metered`]: 'four',
  });
  world.secretIds = { [INSIDE]: ids[`${INSIDE}/secret`] ?? '', [OUTSIDE]: ids[`${OUTSIDE}/secret`] ?? '' };

  world.add(await person(world, 'owner', { is: 'owner' }));
  for (const project of [INSIDE, OUTSIDE]) {
    await world.prepare('PUT', `/projects/${project}/secrets/metered/policy`, { readsPerDay: 5 });
  }
  world.add(await person(world, 'admin', { is: 'admin' }));
  await nameApprovers(world);
  world.add(await person(world, 'approver', { is: 'member', cells: [], approves: true }));
  world.add(await person(world, 'member without a template', { is: 'member', cells: [] }));
  const sets = new Map(cellSets.map((cells) => [cells.join(' + '), cells]));
  for (const [name, cells] of sets)
    world.add(await person(world, `member with ${name}`, { is: 'member', cells }));
  for (const grant of ['Read', 'Write'] as const) {
    world.add(await person(world, `member granted ${grant}`, { is: 'member', cells: [], grant }));
  }
  for (const is of ['suspended', 'removed', 'outsider', 'owner of another vault'] as const) {
    world.add(await person(world, is, { is }));
  }
  world.add(nobody(world));
  for (const state of ['ready', 'disabled', 'not approved'] as const) world.add(await machine(world, state));
  for (const ability of ABILITIES)
    world.add(await automation(world, `automation with ${ability}`, [ability]));
  world.add(await automation(world, 'automation with every ability', ABILITIES));
  world.add(await automation(world, 'automation without an ability', []));
  return world;
}

/** A secret that nothing has yet, with its path below the vault. */
export async function newSecret(
  world: World,
  project: string,
): Promise<{ readonly id: string; readonly name: string; readonly path: string }> {
  const name = world.newName();
  const path = `/projects/${project}/secrets/${name}`;
  const { id } = (await world.prepare('PUT', path, { value: 'text' })) as { id: string };
  return { id, name, path };
}

/** As if these rails had been applied. */
async function nameApprovers({ vault }: World): Promise<void> {
  const rails = { ...RAILS, approvers: { users: [], groups: [], members: APPROVERS } };
  await vault.database.edit(
    'update vaults set settings = ? where id = ?',
    JSON.stringify(rails),
    vault.vaultId,
  );
}

async function addPasskey({ vault }: World, { id }: Account): Promise<void> {
  await vault.context.bookkeep((db) =>
    db
      .insertInto('passkeys')
      .values({
        id: vault.context.ids.make('psk'),
        account_id: id,
        credential_id: id,
        public_key: '',
        counter: 0,
        transports: '[]',
        name: 'laptop',
        backed_up: 0,
        created_at: vault.clock.now(),
        last_used_at: null,
      })
      .execute(),
  );
}

type PersonKind = Exclude<Kind, { is: 'automation' | 'machine' | 'nobody' }>;

async function person(world: World, name: string, kind: PersonKind): Promise<Actor> {
  const { vault } = world;
  const approves = kind.is === 'member' && kind.approves === true;
  const account =
    kind.is === 'owner'
      ? await accountNamed(vault, OWNER)
      : await newAccount(vault.context, approves ? world.newApprover() : `${world.newName()}@acme.example`);
  if (approves) await addPasskey(world, account);
  const bound = await membership(world, account, kind);
  const by = approves ? 'Passkey' : 'Password';
  const { token } = await openSession(vault.context, { account, by, credentials: 0 }, bound, {
    source: '127.0.0.1',
    userAgent: '',
  });
  // What was cut cuts sessions too; a request that was under way in that moment still comes with one.
  if (kind.is === 'suspended' || kind.is === 'removed') {
    await vault.database.edit(
      'update sessions set vault_id = ? where account_id = ?',
      vault.vaultId,
      account.id,
    );
  }
  return world.asker(
    name,
    kind,
    () => ({ authorization: `Bearer ${token}` }),
    () => person(world, name, kind),
  );
}

/** Makes the account what its kind says; answers the vault that its session is bound to. */
async function membership(world: World, account: Account, kind: PersonKind): Promise<string | null> {
  const { vault } = world;
  switch (kind.is) {
    case 'owner':
      return vault.vaultId;
    case 'admin':
      return joined(world, account, access({ role: 'Admin' }));
    case 'member': {
      const grants = kind.grant === undefined ? [] : [{ project: INSIDE, access: kind.grant }];
      return joined(world, account, access({ template: await template(world, kind.cells), grants }));
    }
    case 'suspended':
    case 'removed': {
      await joined(world, account, access({ template: await template(world, CELLS) }));
      const path = `/members/${account.email}`;
      const owner = world.actor('owner');
      const { status } = await (kind.is === 'suspended'
        ? owner.ask('POST', world.at(`${path}/suspend`))
        : owner.ask('DELETE', world.at(path)));
      if (status !== 204) throw new Error(`${kind.is}: ${status}`);
      return null;
    }
    case 'outsider':
      return null;
    case 'owner of another vault':
      return (await createOrganization(vault.context, account, { displayName: 'Other', plan: 'Free' }))
        .vaultId;
  }
}

async function joined({ vault }: World, account: Account, as: MemberAccess): Promise<string> {
  const done = await vault.step({ kind: 'InviteMember', key: account.email, before: null, after: as });
  if (done !== 'Done') throw new Error(`invite: ${done}`);
  const { context } = vault;
  const [invite] = await myInvites(context.reader, account, context.clock.now());
  await acceptInvite(context, account, invite?.id ?? '');
  return vault.vaultId;
}

/** The template with exactly these cells, in the scope of the table; made where it is not there yet. */
async function template({ vault }: World, cells: readonly Cell[]): Promise<string | null> {
  if (cells.length === 0) return null;
  const name = cells.length === CELLS.length ? 'all' : cells.join(' and ');
  const capabilities: Record<string, string[]> = {};
  for (const id of cells) {
    const [category = '', cell = ''] = id.split(': ');
    capabilities[category] = [...(capabilities[category] ?? []), cell];
  }
  const after = {
    description: '',
    capabilities: capabilities as Capabilities,
    projectScope: [INSIDE],
  };
  const done = await vault.step({ kind: 'CreateTemplate', key: name, before: null, after });
  if (done !== 'Done' && done !== 'NameTaken' && done !== 'StaleBefore') throw new Error(`template: ${done}`);
  return name;
}

async function accountNamed({ context }: TestVault, email: string): Promise<Account> {
  const row = await context.reader
    .selectFrom('accounts')
    .selectAll()
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  return accountOf(row);
}

function nobody(world: World): Actor {
  return world.asker(
    'nobody',
    { is: 'nobody' },
    () => ({}),
    async () => nobody(world),
  );
}

type MachineState = Extract<Kind, { is: 'machine' }>['state'];

export async function machine(
  world: World,
  state: MachineState,
  granted: readonly string[] = [INSIDE, OUTSIDE],
): Promise<Actor> {
  const { vault } = world;
  const name = world.newName();
  const projects = granted.map((project) => ({ project, secrets: ['secret'] }));
  const { id, keys } = await newMachine(vault, name, projects);
  await changeMachine(vault, name, async (act, row) => {
    if (state === 'disabled') await setEnabled(act, row, false);
    if (state === 'not approved') {
      await act.db.updateTable('machines').set({ approved: 0 }).where('id', '=', row.id).execute();
    }
  });
  const shown = state === 'ready' ? 'machine' : `machine, ${state}`;
  const signed = (request: Unsigned): Record<string, string> => {
    const parts = signedParts(world, request);
    return {
      [HEADERS.machine]: id,
      [HEADERS.timestamp]: parts.timestamp,
      [HEADERS.nonce]: parts.nonce,
      [HEADERS.signature]: signPayload(keys.privateKey, machinePayload(parts)),
    };
  };
  return world.asker(shown, { is: 'machine', state }, signed, () => machine(world, state, granted));
}

/** `projects`: to which the owner bounded it; left out: to none. */
export async function automation(
  world: World,
  name: string,
  abilities: readonly Ability[],
  projects?: readonly string[],
): Promise<Actor> {
  const { vault } = world;
  const keys = newKeyPair();
  const by: SignedBy = {
    ...(await newIdentity(vault.context, vault.vaultId, vault.owner, {
      name: world.newName(),
      abilities,
      publicKey: keys.publicKey.text,
      ...(projects === undefined ? {} : { projects }),
    })),
    keys,
  };
  const signed = (request: Unsigned): Record<string, string> => {
    const parts = signedParts(world, request);
    return {
      [HEADERS.automation]: by.id,
      [HEADERS.audience]: vault.audience,
      [HEADERS.timestamp]: parts.timestamp,
      [HEADERS.nonce]: parts.nonce,
      [HEADERS.signature]: signPayload(keys.privateKey, automationPayload(vault.audience, parts, {})),
    };
  };
  return world.asker(name, { is: 'automation', abilities }, signed, () =>
    automation(world, name, abilities, projects),
  );
}

function signedParts({ clock }: World, { method, target, body }: Unsigned) {
  return {
    method,
    target,
    timestamp: String(Math.floor(clock.now() / 1000)),
    nonce: crypto.randomUUID(),
    bodyHash: bodyHash(body),
  };
}

/** Whether a cell is judged in a project. */
export function isProjectCell(cell: Cell): boolean {
  return MATRIX[cell] === 'project';
}
