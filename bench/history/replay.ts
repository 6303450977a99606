/**
 * A history, merge by merge, at a vault: validated, planned and applied as the commands do it, but that a file which a
 * merge leaves alone is not parsed again.
 */
import { workspaceOf } from '#cli/gitops/workspace.ts';
import { managerOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import { preview } from '#engine/observe.ts';
import { runPass } from '#engine/pass.ts';
import type { PassInput, PassResult, Preview } from '#engine/pass-types.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Provider } from '#provider/provider.ts';
import { together } from '#source/folder.ts';
import { parseManifest, type Source } from '#source/manifest.ts';
import { connected } from '#test/builders/connected.ts';
import { acceptInvite, type TestVault } from '#test/builders/vault.ts';
import type { Merge, Size } from './history.ts';
import { ORGANIZATION } from './repository.ts';

/** What one merge took; times in milliseconds. */
export interface MergeFigures {
  readonly title: string;
  readonly validate: number;
  readonly plan: number;
  readonly apply: number;
  readonly steps: number;
  readonly requests: number;
  readonly writes: number;
  /** Of the rails that held steps until the owner approved them. */
  readonly heldBy: readonly string[];
}

/** A merge was not applied as a whole: nothing that the history declares may end so. */
class NotApplied extends Error {}

export class Replay {
  readonly #vault: TestVault;
  readonly #files = new Map<string, Source>();
  readonly #provider: Provider;
  readonly #requests: string[];

  constructor(vault: TestVault) {
    const { provider, requests } = connected(vault);
    this.#vault = vault;
    this.#provider = provider;
    this.#requests = requests;
  }

  /** Throws NotApplied, InvalidFolder. Whoever is invited by it accepts. */
  async merge({ title, changed }: Merge): Promise<MergeFigures> {
    const before = this.#requests.length;
    const started = performance.now();
    for (const [path, text] of changed) {
      if (text === null) this.#files.delete(path);
      else this.#files.set(path, parseManifest(path, text, { defaultNamespace: ORGANIZATION }));
    }
    const input = this.#input();
    const validated = performance.now();
    const first = await preview(input);
    const planned = performance.now();
    const heldBy = await this.#approveHeld(first);
    const approved = performance.now();
    const result = await runPass({ ...input, known: first.observation.snapshot });
    await input.lease.release(this.#provider, input.signal);
    const applied = performance.now();
    requireApplied(title, result);
    const figures = {
      title,
      validate: validated - started,
      plan: planned - validated,
      apply: applied - approved,
      steps: first.plan.steps.length,
      requests: this.#requests.length - before,
      writes: result.writes,
      heldBy,
    };
    await this.#join(result);
    return figures;
  }

  /** A pass that changes nothing is one request; what it leaves to do, and the requests that it took. */
  async idle(): Promise<{
    readonly left: number;
    readonly requests: readonly string[];
    readonly writes: number;
  }> {
    const input = this.#input();
    const { observation } = await preview(input);
    this.#requests.length = 0;
    const { plan, writes } = await runPass({
      ...input,
      known: observation.snapshot,
      anchor: observation.volatile.head,
    });
    return { left: plan.steps.length, requests: [...this.#requests], writes };
  }

  close(): Promise<void> {
    return this.#provider.close();
  }

  #input(): PassInput {
    const source = together([...this.#files.values()]);
    const workspace = workspaceOf(source, 'the history', { output: 'text', namespace: ORGANIZATION });
    const { organization, desired, findings, planApprovals } = workspace;
    return {
      provider: this.#provider,
      organization,
      desired,
      findings,
      planApprovals,
      approvalsProvenSince: null,
      known: null,
      anchor: null,
      settling: {},
      settle: false,
      lease: new VaultLease(managerOf(organization), 'replay', 'CommandLine'),
      only: null,
      now: () => this.#vault.clock.now(),
      signal: new AbortController().signal,
    };
  }

  /** The owner approves all that is held, as the reviewers of a large removal do. */
  async #approveHeld({ plan }: Preview): Promise<readonly string[]> {
    if (plan.held.length === 0 || plan.digest === null) return [];
    await this.#vault.approve(plan.digest);
    return plan.held.map(({ reason }) => reason);
  }

  async #join({ observation }: PassResult): Promise<void> {
    for (const { state, email } of observation.snapshot.state.members)
      if (state === 'Invited') await acceptInvite(this.#vault, email);
  }
}

/** Of what is declared: the owner is not, nor the group that every vault has. */
export function sizeOf({ members, groups, projects, records }: OrganizationState): Size {
  const declared = new Set(records.map(({ kind, key }) => `${kind}/${key}`));
  const teams = groups.filter(({ name }) => declared.has(`Group/${name}`));
  return {
    people: members.filter(({ email }) => declared.has(`Member/${email}`)).length,
    teams: teams.length,
    memberships: teams.reduce((sum, team) => sum + team.members.length, 0),
    projects: projects.filter(({ name }) => declared.has(`Project/${name}`)).length,
  };
}

function requireApplied(title: string, { plan, answers, unfinished }: PassResult): void {
  const refused = [...answers.values()].find(({ status }) => status !== 'Done');
  const [left] = plan.steps;
  if (refused === undefined && left === undefined && !unfinished) return;
  const said = refused ?? left?.action ?? 'the pass did not end';
  throw new NotApplied(`${title}: ${JSON.stringify(said)}`);
}
