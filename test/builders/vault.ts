/** A real vault server on loopback with an organization, its owner and an automation identity. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import { planDigest, stepHash } from '#model/digest.ts';
import { hashSet, type MembershipProof } from '#model/membership.ts';
import type { MemberAccess, OrganizationState } from '#model/organization.ts';
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import {
  ABILITIES,
  type Ability,
  type ApprovalClaim,
  type ChangesAnswer,
  type Fence,
  type LeaseAnswer,
  type Problem,
  type StepAnswer,
  type StepRequest,
  type StepsAnswer,
} from '#protocol/management.ts';
import { automationPayload, bodyHash, HEADERS, signPayload } from '#protocol/signing.ts';
import type { MemberActor } from '#vault/act/actor.ts';
import type { Clock, VaultContext } from '#vault/act/context.ts';
import { DEFAULT_OUTGOING, type OutgoingSettings } from '#vault/act/outgoing-settings.ts';
import { startVaultServer, type VaultServer, type VaultServerOptions } from '#vault/app/server.ts';
import { createAutomation, type NewAutomation } from '#vault/automation/automations.ts';
import type { ServerLog } from '#vault/common/server-log.ts';
import { DEFAULT_CATALOG, type TierCatalog } from '#vault/common/tiers.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { DIRECT, type Network } from '#vault/http/network.ts';
import { createOrganization } from '#vault/organizations/organizations.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';
import { newAccount, PASSWORD } from './account.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';

export const OWNER = 'owner@acme.example';
export { PASSWORD };
export const MANAGER = 'acme/acme';
/** Identities of these tests act for both unless told. */
export const OTHER_MANAGER = 'acme/other';
export const ROOT_KEY = new RootKey(Buffer.alloc(32, 7));

/** A clock that stands until it is moved; starts at the real time, so that signatures pass. */
export class MovedClock implements Clock {
  #now = Date.now();

  now(): number {
    return this.#now;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export interface TestVaultOptions {
  readonly plan?: string;
  readonly clock?: Clock;
  readonly rootKey?: RootKey | null;
  readonly network?: Network;
  /** Left out: mails stay in the outbox. */
  readonly outgoing?: Partial<OutgoingSettings>;
  readonly catalog?: TierCatalog;
  readonly automation?: Partial<NewAutomation>;
  readonly listener?: ListenerOptions;
}

/** What else the server listens by. */
export type ListenerOptions = Pick<VaultServerOptions, 'rates' | 'patience' | 'tls'>;

/** More than a test can send: limits are lowered where they are tested. */
const NO_LIMIT = { perSecond: 1e6, burst: 1e6 };
const NO_LIMITS: ListenerOptions = {
  rates: { people: NO_LIMIT, automation: NO_LIMIT, machine: NO_LIMIT },
};

/** The same for what an identity may give. */
const NO_BUDGETS = { invitesPerHour: 1e6, invitesPerDay: 1e6, projectsPerDay: 1e6, raises: 0 };

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

export interface SignedBy {
  readonly id: string;
  readonly keys: KeyPair;
}

interface StepsBy {
  readonly fence?: Fence;
  readonly as?: SignedBy;
}

/** Everything a test of the management plane needs in hand. */
export class TestVault {
  readonly vaultId: string;
  readonly folder: string;
  readonly database: TestDatabase;
  readonly clock: Clock;
  readonly identity: SignedBy;
  readonly owner: MemberActor;
  /** Error lines of the server; empty unless it is at fault. */
  readonly faults: object[];
  /** Lines of the server's log that warn. */
  readonly warnings: object[];
  readonly network: Network;
  readonly outgoing: OutgoingSettings;
  readonly catalog: TierCatalog;
  readonly listener: ListenerOptions;
  server: VaultServer;
  #fence: Fence | null = null;
  /** Fencing numbers that were given, by manager and installation. */
  readonly #fences = new Map<string, number>();
  #steps = 0;

  constructor(fields: {
    vaultId: string;
    folder: string;
    database: TestDatabase;
    clock: Clock;
    identity: SignedBy;
    owner: MemberActor;
    faults: object[];
    warnings: object[];
    network: Network;
    outgoing: OutgoingSettings;
    catalog: TierCatalog;
    listener: ListenerOptions;
    server: VaultServer;
  }) {
    this.vaultId = fields.vaultId;
    this.folder = fields.folder;
    this.database = fields.database;
    this.clock = fields.clock;
    this.identity = fields.identity;
    this.owner = fields.owner;
    this.faults = fields.faults;
    this.warnings = fields.warnings;
    this.network = fields.network;
    this.outgoing = fields.outgoing;
    this.catalog = fields.catalog;
    this.listener = fields.listener;
    this.server = fields.server;
  }

  get context(): VaultContext {
    return this.server.context;
  }
  get url(): string {
    return `http://localhost:${this.server.port}`;
  }
  /** What requests of automation are signed for. */
  get audience(): string {
    const [named] = this.network.audiences;
    return named ?? `${this.listener.tls === undefined ? 'http' : 'https'}://localhost:${this.server.port}`;
  }

  /** One signed request below `/api/v1/vaults/{vaultId}`. */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    by: {
      readonly as?: SignedBy;
      readonly headers?: Record<string, string>;
      readonly nonce?: string;
      /** Left out: the vault's own. */
      readonly audience?: string;
    } = {},
  ): Promise<Answer<Body>> {
    const { id, keys } = by.as ?? this.identity;
    const target = `/api/v1/vaults/${this.vaultId}${path}`;
    const bytes = body === undefined ? '' : JSON.stringify(body);
    const timestamp = String(Math.floor(this.clock.now() / 1000));
    const nonce = by.nonce ?? crypto.randomUUID();
    const { 'idempotency-key': key, 'if-match': match, provenance } = by.headers ?? {};
    const audience = by.audience ?? this.audience;
    const payload = automationPayload(
      audience,
      { method, target, timestamp, nonce, bodyHash: bodyHash(bytes) },
      { 'idempotency-key': key, 'if-match': match, provenance },
    );
    return send(this.server.port, method, target, bytes, {
      [HEADERS.automation]: id,
      [HEADERS.audience]: audience,
      [HEADERS.timestamp]: timestamp,
      [HEADERS.nonce]: nonce,
      [HEADERS.signature]: signPayload(keys.privateKey, payload),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...by.headers,
    });
  }

  /** The snapshot as it is now. */
  async snapshot(as?: SignedBy): Promise<OrganizationState> {
    const by = as === undefined ? {} : { as };
    const { status, body } = await this.request<OrganizationState>('GET', '/snapshot', undefined, by);
    if (status !== 200) throw new Error(`snapshot: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async changes(query: string): Promise<ChangesAnswer> {
    return (await this.request<ChangesAnswer>('GET', `/changes?${query}`)).body;
  }

  /** The fence of the lease that this vault's tests write under; taken at the first call. */
  async fence(): Promise<Fence> {
    this.#fence ??= await this.lease(MANAGER, 'installation-1');
    return this.#fence;
  }

  /** Takes the lease, or renews what was taken by this name before. */
  async lease(manager: string, installation: string, as = this.identity): Promise<Fence> {
    const known = this.#fences.get(`${manager} ${installation}`);
    const asked = { manager, installation, ...(known === undefined ? {} : { fencing: known }) };
    const { status, body } = await this.request<LeaseAnswer & Problem>('POST', '/lease', asked, { as });
    if (status !== 200) throw new Error(`${body.code}: ${body.detail}`);
    this.#fences.set(`${manager} ${installation}`, body.fencing);
    const fence = { manager, installation, fencing: body.fencing };
    // Handed over and taken anew, it has another number.
    if (this.#fence?.manager === manager && this.#fence.installation === installation) this.#fence = fence;
    return fence;
  }

  /** Runs steps under the fence; what is left out of a request is filled in. The owner approves raises (rail 2). */
  async steps(
    requests: readonly (Partial<StepRequest> & { readonly action: StepAction })[],
    by: StepsBy = {},
  ): Promise<readonly StepAnswer[]> {
    const answers = [...(await this.stepsUnapproved(requests, by))];
    for (const [index, answer] of answers.entries()) {
      const request = requests[index];
      if (request === undefined || request.action.kind === 'ApplySettings') continue;
      if (answer.status !== 'Refused' || answer.code !== 'NeedsApproval') continue;
      const approval = await this.approved([request.action]);
      const [again] = await this.stepsUnapproved([{ ...request, approval }], by);
      if (again !== undefined) answers[index] = again;
    }
    return answers;
  }

  /** Runs steps that nobody approves. */
  async stepsUnapproved(
    requests: readonly (Partial<StepRequest> & { readonly action: StepAction })[],
    by: StepsBy = {},
  ): Promise<readonly StepAnswer[]> {
    const steps = requests.map((request) => {
      this.#steps += 1;
      return {
        idempotencyKey: `${stepHash(this.vaultId, request.action)}-${this.#steps}`,
        provenance: {},
        ...request,
      };
    });
    const fence = by.fence ?? (await this.fence());
    const as = by.as === undefined ? {} : { as: by.as };
    const { status, body } = await this.request<StepsAnswer & Problem>(
      'POST',
      '/steps',
      { fence, steps },
      as,
    );
    if (status !== 200) throw new Error(`${body.code}: ${body.detail}`);
    return body.results;
  }

  /** One step; `Done`, or the code that it was refused with, or `Failed`. The owner approves raises (rail 2). */
  async step(action: StepAction, more: Partial<StepRequest> = {}): Promise<string> {
    const [answer] = await this.steps([{ ...more, action }]);
    return saidOf(answer);
  }

  /** The same, and nobody approves anything. */
  async stepUnapproved(action: StepAction, more: Partial<StepRequest> = {}): Promise<string> {
    const [answer] = await this.stepsUnapproved([{ ...more, action }]);
    return saidOf(answer);
  }

  /** The owner approves the plan of these actions in the vault; what a request claims it by. */
  async approved(actions: readonly StepAction[]): Promise<ApprovalClaim> {
    return this.approve(planDigest(this.vaultId, actions));
  }

  /** That the action is among those of an approval, as a step shows it. */
  proofIn(actions: readonly StepAction[], action: StepAction): MembershipProof {
    return hashSet(actions.map((each) => stepHash(this.vaultId, each))).proofOf(
      stepHash(this.vaultId, action),
    );
  }

  /** The same by the digest. */
  async approve(digest: string): Promise<ApprovalClaim> {
    const { id, approver, reason } = await this.context.act(this.vaultId, this.owner, (act) =>
      giveApproval(act, digest, 'as a test needs it'),
    );
    return { digest, approver, reason, reference: id, via: 'Vault' };
  }

  /** Stops the server and starts it again on the same database, with another root key if given. */
  async restart(rootKey: RootKey | null = ROOT_KEY): Promise<void> {
    await this.server.stop();
    this.server = await this.replica(rootKey);
  }

  /** Another server on the same database; whoever starts it stops it. */
  replica(rootKey: RootKey | null = ROOT_KEY): Promise<VaultServer> {
    return serve(this.database.name, this.clock, rootKey, this, this.network, this);
  }

  /** The same vault asked through another server. */
  through(server: VaultServer): TestVault {
    return new TestVault({ ...this, server });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts one; dispose it (`await using`) or call `[Symbol.asyncDispose]()`. */
export async function startTestVault(options: TestVaultOptions = {}): Promise<TestVault> {
  const {
    plan = 'Business',
    clock = { now: () => Date.now() },
    rootKey = ROOT_KEY,
    network = DIRECT,
    catalog = DEFAULT_CATALOG,
    automation = {},
  } = options;
  const listener = { ...NO_LIMITS, ...options.listener };
  const outgoing: OutgoingSettings = { ...DEFAULT_OUTGOING, mail: 'outbox', ...options.outgoing };
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-vault-'));
  const faults: object[] = [];
  const database = await migratedDatabase(folder);
  const warnings: object[] = [];
  const more = { outgoing, catalog, listener };
  const server = await serve(database.name, clock, rootKey, { faults, warnings }, network, more);
  const { context } = server;
  const account = await newAccount(context, OWNER);
  const { vaultId } = await createOrganization(context, account, { displayName: 'Acme', plan });
  const row = await context.reader
    .selectFrom('members')
    .select('id')
    .where('vault_id', '=', vaultId)
    .executeTakeFirstOrThrow();
  const owner: MemberActor = {
    type: 'member',
    memberId: row.id,
    accountId: account.id,
    userName: 'owner',
    email: OWNER,
    role: 'Owner',
  };
  const identity = await newIdentity(context, vaultId, owner, { name: 'operator', ...automation });
  const fields = { vaultId, folder, database, clock, identity, owner, faults, warnings, network };
  return new TestVault({ ...fields, ...more, server });
}

/** An automation identity of the vault, with every ability unless told. */
export async function newIdentity(
  context: VaultContext,
  vaultId: string,
  owner: MemberActor,
  fields: Partial<NewAutomation> = {},
): Promise<SignedBy> {
  const keys = newKeyPair();
  const abilities: readonly Ability[] = ABILITIES;
  const { id } = await context.act(vaultId, owner, (act) =>
    createAutomation(act, {
      name: `identity ${keys.publicKey.fingerprint.slice(0, 8)}`,
      abilities,
      publicKey: keys.publicKey.text,
      managers: [MANAGER, OTHER_MANAGER],
      ...NO_BUDGETS,
      ...fields,
    }),
  );
  return { id, keys };
}

/** A record as the manager of these tests leaves it. */
export function record(
  kind: ManagedKind,
  key: string,
  applied: ManagedRecord['applied'] = {},
): ManagedRecord {
  return {
    kind,
    key,
    manager: MANAGER,
    origin: 'acme',
    applied,
    deletionPolicy: null,
    provenance: {},
    seenUnder: null,
  };
}

/** Access of a plain member, and what is given beyond it. */
export function access(more: Partial<MemberAccess> = {}): MemberAccess {
  return { role: 'Member', template: null, projectScope: null, grants: [], ...more };
}

/** The person accepts: what the people's plane does with an account that has the address. */
export async function acceptInvite(vault: TestVault, email: string): Promise<void> {
  await vault.context.act(vault.vaultId, { type: 'system' }, async (act) => {
    await act.db
      .updateTable('members')
      .set({ state: 'Active', joined_at: act.now, user_name: email })
      .where('email', '=', email)
      .execute();
    await act.db
      .deleteFrom('invites')
      .where('member_id', 'in', (members) =>
        members
          .selectFrom('members')
          .select('id')
          .where('vault_id', '=', vault.vaultId)
          .where('email', '=', email),
      )
      .execute();
    await act.audit({ action: 'invite.accepted', subject: { kind: 'Member', key: email } });
  });
}

function serve(
  database: string,
  clock: Clock,
  rootKey: RootKey | null,
  { faults, warnings }: { readonly faults: object[]; readonly warnings: object[] },
  network: Network,
  { outgoing, catalog, listener }: Pick<TestVault, 'outgoing' | 'catalog' | 'listener'>,
): Promise<VaultServer> {
  const nothing = (): void => {};
  const log: ServerLog = {
    debug: nothing,
    info: nothing,
    warn: (fields) => warnings.push(fields),
    error: (fields) => faults.push(fields),
  };
  return startVaultServer({
    database,
    rootKey,
    host: '127.0.0.1',
    port: 0,
    takesLoopback: true,
    network,
    outgoing,
    catalog,
    log,
    clock,
    ...listener,
  });
}

/** One request on a connection of its own, with the target as it stands. */
export function send<Body>(
  port: number,
  method: string,
  target: string,
  body: string,
  headers: Record<string, string>,
): Promise<Answer<Body>> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer<Body>>();
  const framed = body === '' ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path: target,
    headers: framed,
    agent: false,
  });
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { statusCode: status = 0, headers: answered } = incoming;
      resolve({ status, headers: answered, body: (text === '' ? null : JSON.parse(text)) as Body });
    });
  });
  outgoing.end(body);
  return promise;
}

function saidOf(answer: StepAnswer | undefined): string {
  return answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
}
