import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { Desired } from '#planning/plan-types.ts';
import { desired, entry, policy, RAILS, settled } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const EMAILS = ['ann@acme.example', 'bob@acme.example'];
const HOME = 'acme';
const TEAM = 'team';
const DAY = 24 * 60 * 60 * 1000;
const KEY = [{ name: 'key', generator: { length: 8, charset: 'Hex' as const } }];

const RULES = {
  privilegeApproval: 'Never' as const,
  access: [
    entry(HOME, ['MachineBinding'], { projects: NAMES }),
    entry(TEAM, ['Project', 'MachineBinding'], { projects: NAMES }),
  ],
};

/** One commit over both namespaces; `speaks`: which of them the run knows of. */
interface Commit {
  readonly projects: readonly { readonly name: string; readonly at: string; readonly from: string | null }[];
  readonly machines: readonly { readonly at: string; readonly reads: string }[];
  readonly grants: readonly (readonly [string, string])[];
  readonly speaks: 'both' | 'home' | 'team';
  readonly days: number;
}

const name = fc.constantFrom(...NAMES);
const at = fc.constantFrom(HOME, HOME, TEAM);
const arbitraryCommit: fc.Arbitrary<Commit> = fc.record({
  projects: fc.uniqueArray(fc.record({ name, at, from: fc.oneof(fc.constant(null), name) }), {
    maxLength: 4,
    selector: (one) => `${one.name} ${one.at}`,
  }),
  machines: fc.uniqueArray(fc.record({ at, reads: name }), {
    maxLength: 3,
    selector: (one) => `${one.at} ${one.reads}`,
  }),
  grants: fc.uniqueArray(fc.tuple(fc.constantFrom(...EMAILS), name), {
    maxLength: 2,
    selector: ([email]) => email,
  }),
  speaks: fc.constantFrom('both' as const, 'both' as const, 'home' as const, 'team' as const),
  days: fc.constantFrom(0, 1, 40),
});

/** The commit before, with one of its projects under another name; whatever names it follows, or does not. */
interface Edit extends Pick<Commit, 'speaks' | 'days'> {
  readonly which: number;
  readonly to: string;
  readonly follows: boolean;
}

const arbitraryEdit: fc.Arbitrary<Edit> = fc.record({
  which: fc.nat(3),
  to: name,
  follows: fc.boolean(),
  speaks: fc.constantFrom('both' as const, 'both' as const, 'home' as const),
  days: fc.constantFrom(0, 1, 40),
});

function edited(before: Commit | undefined, edit: Edit | Commit): Commit {
  if ('projects' in edit) return edit;
  const { which, to, follows, speaks, days } = edit;
  const { projects = [], machines = [], grants = [] } = before ?? {};
  const renamed = projects[which % Math.max(1, projects.length)];
  const called = (project: string): string => (follows && project === renamed?.name ? to : project);
  return {
    projects: projects.map((one) => (one === renamed ? { ...one, name: to, from: one.name } : one)),
    machines: machines.map((machine) => ({ ...machine, reads: called(machine.reads) })),
    grants: grants.map(([email, project]) => [email, called(project)] as const),
    ...{ speaks, days },
  };
}

const arbitraryHistory: fc.Arbitrary<readonly Commit[]> = fc
  .tuple(
    arbitraryCommit,
    fc.array(fc.oneof(arbitraryCommit, { arbitrary: arbitraryEdit, weight: 3 }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([first, edits]) => {
    const commits = [first];
    for (const edit of edits) commits.push(edited(commits.at(-1), edit));
    return commits;
  });

const NAMESPACES = { both: [HOME, TEAM], home: [HOME], team: [TEAM] } as const;

function declaredBy({ projects, machines, grants, speaks }: Commit): Desired {
  const seen: readonly string[] = NAMESPACES[speaks];
  const builder = desired()
    .rails(RULES)
    .with({ origins: speaks === 'both' ? null : [...seen] });
  for (const { name: called, at: namespace, from } of projects) {
    if (!seen.includes(namespace)) continue;
    builder.project(called, { renamedFrom: from, secrets: KEY, source: { namespace } });
  }
  for (const { at: namespace, reads } of machines) {
    if (!seen.includes(namespace)) continue;
    builder.machine(`${namespace}-${reads}`, [{ project: reads, secrets: ['key'] }], {
      source: { namespace },
    });
  }
  if (seen.includes(HOME))
    for (const [email, project] of grants) builder.member(email, { grants: { [project]: 'Read' } });
  return builder.build();
}

/** What everybody and every machine may read, by the ids of projects: what they are called is no part of it. */
function reachIn({ projects, members, machines }: OrganizationState): ReadonlyMap<string, readonly string[]> {
  const ids = new Map(projects.map((project) => [project.name, project.id]));
  const idsOf = (all: readonly { readonly project: string }[]) =>
    all.map(({ project }) => ids.get(project) ?? '?').sort();
  return new Map([
    ...members.map(({ email, grants }) => [email, idsOf(grants)] as const),
    ...machines.map((machine) => [machine.name, idsOf(machine.access)] as const),
  ]);
}

/** Ids are of the thing, as those of a vault: the oracle makes them of names. */
function withOwnIds(state: OrganizationState, made: { count: number }): OrganizationState {
  const projects = state.projects.map((project) =>
    project.id.startsWith('prj_') ? { ...project, id: `p${made.count++}` } : project,
  );
  const secrets = state.secrets.map((secret) =>
    secret.id.startsWith('sec_') ? { ...secret, id: `s${made.count++}` } : secret,
  );
  return { ...state, projects, secrets };
}

const recordOf = ({ records }: OrganizationState, key: string) =>
  records.find((record) => record.kind === 'Project' && record.key === key);

it('whatever is renamed, no secret is lost, nobody comes to read more, and only the origin of a thing renames it (P2)', () => {
  const came = { renames: 0, waits: 0, kept: 0 };
  fc.assert(
    fc.property(arbitraryHistory, (commits) => {
      const made = { count: 0 };
      let now = NOW;
      let state = settled(organization().build(), { ...RAILS, ...RULES });
      for (const commit of commits) {
        now += commit.days * DAY;
        const declared = declaredBy(commit);
        let isAtRest = false;
        for (let pass = 0; pass < 8 && !isAtRest; pass++) {
          const { runnable, findings } = plan(declared, state, policy(), now);
          isAtRest = runnable.length === 0;
          came.waits += findings.filter(
            ({ reason }) => reason.startsWith('RenameRef') || reason === 'RenameWaiting',
          ).length;
          came.kept += findings.filter(({ reason }) => reason === 'NameKept').length;
          for (const step of runnable) {
            const { kind, key } = step.action;
            const after = withOwnIds(applySteps(state, [step], now), made);
            expect(after.secrets.map(({ id }) => id)).toEqual(
              expect.arrayContaining(state.secrets.map(({ id }) => id)),
            );
            if (step.action.kind === 'RenameProject') {
              came.renames += 1;
              const { name: from } = step.action.before;
              expect(reachIn(after)).toEqual(reachIn(state));
              const { origin } = recordOf(state, from) ?? {};
              expect(recordOf(after, key)).toMatchObject({ origin, renamedFrom: from });
              expect(commit.projects).toContainEqual({ name: key, at: origin, from });
            }
            if (kind === 'CreateProject') {
              const kept = state.formerNames.find((former) => former.key === key && former.until > now);
              if (kept !== undefined) expect(recordOf(after, key)?.origin).toBe(kept.origin);
            }
            state = after;
          }
        }
        expect(isAtRest, 'at rest after eight passes').toBe(true);
      }
    }),
    { numRuns: 400 },
  );
  expect(came.renames).toBeGreaterThan(50);
  expect(came.waits).toBeGreaterThan(0);
  expect(came.kept).toBeGreaterThan(0);
});
