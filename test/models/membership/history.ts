/** A history, step by step: Git, people, the clock and passes of a manager over one vault, and then quiet. */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { desiredOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import { runPass } from '#engine/pass.ts';
import type { PassInput, PassResult } from '#engine/pass-types.ts';
import type { RailSettings } from '#model/fields.ts';
import type { OrganizationState } from '#model/organization.ts';
import { BROUGHT_KINDS, MANAGED_KINDS } from '#model/record.ts';
import type { Desired } from '#planning/plan-types.ts';
import { ProviderError } from '#provider/provider.ts';
import { MANAGER } from '#test/builders/organization.ts';
import { organizationResource } from '#test/builders/resources.ts';
import type { Command, Fault, Start } from './commands.ts';
import { Killed, withFault } from './faulty-provider.ts';
import { founding } from './founding.ts';
import { Git } from './git.ts';
import { type Act, isPossible, type ModelVault } from './model-vault.ts';
import { faultsAtRest } from './rest.ts';
import { Watch } from './watch.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const WEEK = 7 * 24 * HOUR;
/** Beyond the default of `rails.settle`. */
const SETTLE = 31 * SECOND;
/** What becomes different within this time is waited for: a queue of a day. */
const SOON = 26 * HOUR;
const PASSES_TO_REST = 40;

/** What one process of a manager knows. */
interface Process {
  readonly lease: VaultLease;
  readonly last: PassResult | null;
}

/** Where a history is made: the vault of the oracle, or a server. `rails`: what was applied before it begins. */
export type OpenVault = (start: Start, rails: RailSettings) => Promise<ModelVault>;

export class History {
  readonly #git: Git;
  readonly #vault: ModelVault;
  readonly #start: Start;
  readonly #watch: Watch;
  readonly #organization: CustomResource<'Organization'>;
  #process: Process;
  /** Which cluster it is by now. */
  #cluster = 1;
  /** Who was declared in a pass since it was built. */
  readonly #seen = new Set<string>();
  #anchor: PassInput['anchor'] = null;

  private constructor(vault: ModelVault, start: Start) {
    this.#vault = vault;
    this.#git = new Git(vault.now());
    this.#start = start;
    this.#process = newProcess(start);
    this.#watch = new Watch(start);
    this.#organization = organizationOf(start);
  }

  static async begin(open: OpenVault, start: Start): Promise<History> {
    const { rails } = organizationFields(organizationOf(start).spec);
    const history = new History(await open(start, rails), start);
    for (const command of founding(start)) if (await history.isPossible(command)) await history.take(command);
    history.#git.begin(history.#vault.now());
    return history;
  }

  /** What was done against the rules so far. */
  get faults(): readonly string[] {
    return this.#watch.faults;
  }

  state(): Promise<OrganizationState> {
    return this.#vault.state();
  }

  /** What the last pass left held. */
  get held(): readonly (readonly [reason: string, steps: readonly string[]])[] {
    const held = this.#process.last?.plan.held ?? [];
    return held.map(({ reason, steps }) => [
      reason,
      steps.map(({ action }) => `${action.kind} ${action.key}`),
    ]);
  }

  /** Whether there is anything that the command changes. */
  async isPossible(command: Command): Promise<boolean> {
    if ('git' in command) {
      if (command.git === 'set' || command.git === 'lose' || command.git === 'revert') return true;
      return this.#git.has(command.object);
    }
    if (!isAct(command)) return true;
    return isPossible(command, await this.#vault.state(), this.#vault.now());
  }

  async take(command: Command): Promise<void> {
    if ('git' in command) await this.#commit(command);
    else if ('cluster' in command) this.#rebuild();
    else if ('clock' in command) await this.#goOn(command);
    else if ('pass' in command) await this.#pass(command.pass);
    else if (isAct(command)) await this.#act(command);
    else await this.#approve();
  }

  /** Passes until nothing becomes different soon; what is not as it must be then, and what was not on the way. */
  async rest(): Promise<readonly string[]> {
    for (let pass = 0; pass < PASSES_TO_REST; pass++) {
      const result = await this.#pass({ is: 'None' });
      if (result === null) continue;
      const wait = result.unfinished || result.writes > 0 ? 0 : this.#untilNext(result);
      if (wait === null) return [...this.#watch.faults, ...(await this.#faultsAtRest(result))];
      this.#vault.advance(wait);
    }
    return [...this.#watch.faults, `no rest after ${PASSES_TO_REST} passes`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vault[Symbol.asyncDispose]();
  }

  #untilNext({ wakeAt, plan }: PassResult): number | null {
    if (plan.pending.length > 0) return SETTLE;
    const wait = wakeAt === null ? null : wakeAt - this.#vault.now();
    return wait === null || wait > SOON ? null : Math.max(wait, SECOND);
  }

  async #faultsAtRest(result: PassResult): Promise<readonly string[]> {
    const { desired } = this.#desired(true);
    const objects = this.#git.objects;
    return faultsAtRest({
      organization: this.#organization,
      objects,
      desired,
      speaksFor: this.#start.manager === 'Operator' ? null : this.#namespaces(objects),
      result,
      now: this.#vault.now(),
    });
  }

  async #commit(command: Extract<Command, { git: string }>): Promise<void> {
    const before = declarations(this.#git.objects);
    switch (command.git) {
      case 'set':
        this.#git.set(command.object, command.spec);
        break;
      case 'delete':
        this.#git.delete(command.object);
        break;
      case 'break':
        this.#git.edit(command.object, { grants: 'all of them' });
        break;
      case 'lose':
        this.#git.lose(command.namespace);
        break;
      case 'revert':
        this.#git.revert();
        break;
      case 'reinstate': {
        const object = this.#git.objects.find(
          ({ kind, metadata }) =>
            kind === command.object.kind &&
            metadata.name === command.object.name &&
            metadata.namespace === command.object.namespace,
        );
        const email = (object as CustomResource<'Member'> | undefined)?.spec.email;
        const { tombstones } = await this.#vault.state();
        const entry = tombstones
          .filter(({ kind, key }) => kind === 'Member' && key === email)
          .toSorted((a, b) => (a.at === b.at ? (a.entry < b.entry ? 1 : -1) : b.at - a.at))[0]?.entry;
        if (entry !== undefined) this.#git.edit(command.object, { reinstate: entry });
        break;
      }
    }
    const after = declarations(this.#git.objects);
    for (const email of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(email) !== after.get(email)) this.#watch.edited(email);
    }
  }

  async #act(act: Act): Promise<void> {
    await this.#vault.act(act);
    this.#watch.acted(act, await this.#vault.state());
  }

  async #approve(): Promise<void> {
    const digests = new Set(this.#process.last?.plan.held.flatMap(({ digest }) => digest ?? []));
    for (const digest of digests) await this.#vault.approve(digest);
  }

  /** Null: the pass did not come to its end. */
  async #pass(fault: Fault): Promise<PassResult | null> {
    const { lease, last } = this.#process;
    const isWhole = fault.is !== 'Partial';
    const objects = this.#git.objects;
    const declared = this.#desired(isWhole);
    for (const email of declarations(objects).keys()) this.#seen.add(email);
    const provider = withFault(this.#vault.provider, fault, {
      answered: (request, answer) =>
        this.#watch.answered(request, answer, { objects, isWhole, seen: this.#seen, now: this.#vault.now() }),
      reserved: ({ actions, approval }) => this.#watch.reserved(actions, approval !== null),
    });
    try {
      const result = await runPass({
        provider,
        organization: this.#organization,
        ...declared,
        planApprovals: [],
        approvalsProvenSince: null,
        known: last?.observation.snapshot ?? null,
        anchor: this.#anchor,
        settling: last?.settling ?? {},
        settle: this.#start.manager === 'Operator',
        lease,
        only: null,
        now: () => this.#vault.now(),
        signal: new AbortController().signal,
      });
      this.#process = { lease, last: result };
      this.#anchor = result.anchor;
      this.#watch.arrived(result.observation.snapshot.state, this.#vault.now());
      return result;
    } catch (error) {
      if (error instanceof Killed) this.#process = newProcess(this.#start);
      else if (!(error instanceof ProviderError)) throw error;
      return null;
    }
  }

  async #goOn(command: Extract<Command, { clock: string }>): Promise<void> {
    if (command.clock === 'goes on') {
      this.#vault.advance(command.seconds * SECOND);
      return;
    }
    for (let week = 0; week < command.weeks; week++) {
      this.#vault.advance(WEEK);
      await this.#pass({ is: 'None' });
    }
  }

  #rebuild(): void {
    this.#cluster += 1;
    this.#seen.clear();
    this.#process = newProcess(this.#start);
  }

  #desired(complete: boolean): { readonly desired: Desired; readonly findings: PassInput['findings'] } {
    return desiredOf(this.#organization, this.#git.objects, {
      complete,
      seenUnder: this.#start.manager === 'Operator' ? this.#seenUnder() : null,
      machineKeys: new Map(),
    });
  }

  /** A folder speaks for its Organization's namespace, and for those listed that its objects name. */
  #namespaces(objects: readonly CustomResource[]): readonly string[] {
    const listed = this.#start.listsTeam ? ['acme', 'team'] : ['acme'];
    const named = new Set(['acme', ...objects.map(({ metadata }) => metadata.namespace)]);
    return listed.filter((namespace) => named.has(namespace));
  }

  #seenUnder(): NonNullable<Desired['seenUnder']> {
    const kinds = Object.fromEntries(
      MANAGED_KINDS.map((kind) => [kind, `uid of ${kind} in cluster ${this.#cluster}`]),
    );
    const names = ['acme', ...(this.#start.listsTeam ? ['team'] : [])];
    return Object.fromEntries(names.map((name) => [name, kinds])) as NonNullable<Desired['seenUnder']>;
  }
}

function newProcess({ manager }: Start): Process {
  return { lease: new VaultLease(MANAGER, 'installation-1', manager), last: null };
}

function organizationOf({ rails, listsTeam }: Start): CustomResource<'Organization'> {
  const team = {
    namespace: 'team',
    kinds: BROUGHT_KINDS.filter((kind) => kind === 'Member' || kind === 'Group'),
    roles: ['Member' as const],
    templates: ['developers'],
    projects: ['web'],
  };
  return organizationResource({ rails, ...(listsTeam ? { access: [team] } : {}) });
}

function isAct(command: Command): command is Act {
  return 'invitee' in command || 'member' in command || ('owner' in command && command.owner !== 'approves');
}

/** What Members and Projects say of each person, as one text. */
function declarations(objects: readonly CustomResource[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const add = (email: string, said: unknown): void => {
    texts.set(email, `${texts.get(email) ?? ''}${JSON.stringify(said)}`);
  };
  for (const { kind, spec } of objects) {
    const { email, grants } = spec as { email?: string; grants?: unknown };
    if (kind === 'Member' && email !== undefined) add(email, spec);
    if (kind !== 'Project' || !Array.isArray(grants)) continue;
    for (const grant of grants as { member?: string }[])
      if (grant.member !== undefined) add(grant.member, grant);
  }
  return texts;
}
