import { expect, it } from 'vitest';
import type { Authority } from '#model/authority.ts';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import { desired, policy, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';

const authority: Authority = {
  ...{ members: 'Exclusive', groups: 'Exclusive', templates: 'Exclusive' },
  ...{ projects: 'Exclusive', machines: 'Exclusive' },
};
const ANN = 'ann@acme.example';
type State = ReturnType<typeof organization>;
type Declaration = ReturnType<typeof desired>;

/** How often a plan reads the key of one of those things. */
function readsOf(
  list: 'members' | 'groups' | 'templates' | 'projects' | 'machines',
  made: [State, Declaration],
) {
  let reads = 0;
  const [there, declaration] = made;
  const state: OrganizationState = settled(there.build(), { ...RAILS, authority });
  const key = list === 'members' ? 'email' : 'name';
  const counted = (state[list] as readonly object[]).map((thing) => {
    const value = (thing as Record<string, unknown>)[key];
    const get = () => {
      reads += 1;
      return value;
    };
    return Object.defineProperty({ ...thing }, key, { get, enumerable: true });
  });
  const { steps } = plan(
    declaration.rails({ authority }).build(),
    { ...state, [list]: counted } as OrganizationState,
    policy(),
    NOW,
  );
  return { reads, steps: steps.length };
}

/** A project and a person of ours, and `count` things beside. */
const many = (count: number, add: (state: State, name: string) => State): [State, Declaration] => {
  const ours = organization().project('web').member(ANN).ours();
  const state = Array.from({ length: count }, (_, index) => `n${index}`).reduce(add, ours);
  return [state, desired().project('web').member(ANN)];
};

it.each([
  ['members', (n: number) => many(n, (state, name) => state.member(`${name}@acme.example`))],
  ['groups', (n: number) => many(n, (state, name) => state.group(name, [ANN], [READ]))],
  ['templates', (n: number) => many(n, (state, name) => state.template(name, { Alerts: ['View'] }))],
  ['projects', (n: number) => many(n, (state, name) => state.project(name))],
  ['machines', (n: number) => many(n, (state, name) => state.machine(name, []))],
] as const)('what is taken of %s costs no walk through all of them a step', (list, made) => {
  expectLinear((count) => readsOf(list, made(count)));
});

it('whoever is given back while their access is set costs no walk through all people a step', () => {
  expectLinear((count) => {
    const emails = Array.from({ length: count }, (_, index) => `n${index}@acme.example`);
    const state = emails.reduce(
      (some, email) => some.member(email, { state: 'Suspended' }),
      organization().project('web'),
    );
    const declaration = emails.reduce(
      (some, email) => some.member(email, { grants: { web: 'Read' } }),
      desired().project('web'),
    );
    return readsOf('members', [state.ours(), declaration]);
  });
});

const READ = { project: 'web', access: 'Read' } as const;

/** Twice as many things take about twice as many reads: sorting takes somewhat more, a walk a step four times as many. */
function expectLinear(of: (count: number) => { readonly reads: number; readonly steps: number }): void {
  const [some, twice] = [of(200), of(400)];
  expect(some.steps).toBeGreaterThanOrEqual(200);
  expect(twice.steps).toBeGreaterThanOrEqual(400);
  expect(twice.reads / some.reads).toBeLessThan(2.6);
}
