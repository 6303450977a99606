import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATEGORIES, templateCells } from '#model/capabilities.ts';
import type { NamespaceAccess } from '#model/fields.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, Source } from '#planning/plan-types.ts';
import { arbitraryDesired, arbitraryOrganization, capabilities } from '#test/builders/arbitrary.ts';
import { desired, entry, policy, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { held, planned, reasons, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const EVE = 'eve@acme.example';
const READS = [{ project: 'web', secrets: ['key'] }];
const secrets = [{ name: 'key', generator: null }];
const team = { source: { namespace: 'team' } };
const web = () => organization().project('web', ['key']).ours();

/** The entries are declared and were approved. */
const listing = (...access: NamespaceAccess[]) => desired().rails({ access });
const approved = (state: { build(): OrganizationState }, ...access: NamespaceAccess[]) => ({
  build: () => settled(state.build(), { ...RAILS, access }),
});

describe('a binding of the Organization’s namespace', () => {
  it('reads nothing of a project that no object declares, and is told what would let it (H1)', () => {
    const plan = planned(desired().project('other').machine('ci', READS), web());
    expect(told(plan.steps)).not.toContain('RegisterMachine ci');
    expect(reasons(plan)).toContain('Stalled NotAllowed ci');
    const finding = plan.findings.find(({ reason }) => reason === 'NotAllowed');
    expect(finding?.message).toContain('declares web');
    expect(finding?.next).toContain('the entry for acme would need kinds: [MachineBinding], projects: [web]');
  });

  it('keeps what it has while it names one that is not declared, and gets nothing else of what it declares', () => {
    const state = web().project('billing', ['token']).machine('ci', READS).ours();
    const declared = desired()
      .project('billing', { secrets: [{ name: 'token', generator: null }] })
      .machine('ci', [...READS, { project: 'billing', secrets: ['token'] }]);
    const { steps } = planned(declared, state);
    expect(told(steps).filter((step) => step.endsWith(' ci'))).toEqual([]);
  });

  it('reads one that an object of the same namespace declares', () => {
    const plan = planned(desired().project('web', { secrets }).machine('ci', READS), web());
    expect(told(plan.runnable)).toEqual(['RegisterMachine ci', 'SetMachineAccess ci']);
  });

  it('reads one that the entry of its namespace names', () => {
    const own = entry('acme', ['MachineBinding'], { projects: ['web'] });
    const state = approved(organization().project('web', ['key']), own);
    expect(told(planned(listing(own).machine('ci', READS), state).runnable)).toContain('SetMachineAccess ci');
  });

  it('reads what its entry names, as declared, where the identity is bounded to projects: it applies no settings (V4)', () => {
    const own = entry('acme', ['MachineBinding'], { projects: ['web'] });
    const state = organization().project('web', ['key']).with({ bounded: true });
    const plan = planned(listing(own).machine('ci', READS), state);
    expect(told(plan.runnable)).toEqual(['RegisterMachine ci', 'SetMachineAccess ci']);
    expect(reasons(plan).filter((reason) => !reason.includes('Foreign'))).toEqual([]);
  });

  it('reads nothing new in a project whose secrets are not managed from here yet (rail 2)', () => {
    const state = organization().project('web', ['key']);
    const declared = desired().project('web', { secrets }).machine('ci', READS);
    const plan = planned(declared, state);
    expect(held(plan)).toEqual([['NeedsApproval', ['Claim Project/web']]]);
    expect(told(plan.steps)).not.toContain('SetMachineAccess ci');
    expect(reasons(plan)).toContain('Waiting ProjectNotManaged ci');
    const reading = planned(declared, organization().project('web', ['key']).machine('ci', READS));
    expect(reasons(reading)).not.toContain('Waiting ProjectNotManaged ci');
  });
});

describe('an object of another namespace', () => {
  const full = entry('team', ['Member', 'PermissionTemplate', 'Project', 'MachineBinding'], {
    templates: ['developers'],
    cells: { Secrets: ['View'] },
    projects: ['web'],
  });

  it('counts where its entry names all that it takes', () => {
    const declared = listing(full)
      .template('developers', { Secrets: ['View'] }, ['web'], team.source)
      .member(BOB, { ...team, template: 'developers', grants: { web: 'Read' } })
      .project('web', { ...team, secrets })
      .machine('ci', READS, team);
    const plan = planned(declared, approved(organization(), full));
    expect(reasons(plan).filter((reason) => reason.includes('NotAllowed'))).toEqual([]);
    expect(told(plan.runnable)).toEqual(
      expect.arrayContaining(['CreateProject web', 'CreateTemplate developers', `InviteMember ${BOB}`]),
    );
  });

  it.each([
    ['kinds: [Member]', entry('team', ['Project']), listing().member(BOB, team)],
    ['roles: [Admin]', full, listing().member(BOB, { ...team, role: 'Admin' })],
    ['templates: [leads]', full, listing().member(BOB, { ...team, template: 'leads' })],
    ['projects: [billing]', full, listing().member(BOB, { ...team, grants: { billing: 'Read' } })],
    ['projects: [billing]', full, listing().project('billing', team)],
    ['projects: [billing]', full, listing().machine('ci', [{ project: 'billing', secrets: [] }], team)],
    [
      'cells: {Secrets: [Manage]}',
      full,
      listing().template('developers', { Secrets: ['View', 'Manage'] }, ['web'], team.source),
    ],
    ['templates: [leads]', full, listing().template('leads', { Secrets: ['View'] }, ['web'], team.source)],
    [
      'projects: [billing]',
      full,
      listing().template('developers', { Secrets: ['View'] }, ['billing'], team.source),
    ],
  ])('is refused as a whole, with what its entry would need: %s', (needs, allowed, declared) => {
    const plan = planned(declared.rails({ access: [allowed] }), approved(organization(), allowed));
    expect(told(plan.steps)).toEqual([]);
    const [finding] = plan.findings.filter(({ reason }) => reason === 'NotAllowed');
    expect(finding?.next).toContain(`the entry for team would need ${needs}`);
  });

  it('brings no template that acts in all projects', () => {
    const declared = listing(full).template('developers', { Secrets: ['View'] }, 'All', team.source);
    const plan = planned(declared, approved(organization(), full));
    expect(reasons(plan)).toEqual(['Stalled NotAllowed developers']);
  });

  it('waits until a wider entry is approved, and a narrower one counts at once', () => {
    const declared = listing(full).member(BOB, team);
    const before = planned(declared, approved(organization()));
    expect(held(before)).toEqual([['SettingsLoosened', [expect.stringContaining('ApplySettings')]]]);
    expect(reasons(before)).toEqual([`Stalled NotAllowed ${BOB}`]);
    const narrowed = planned(
      listing(entry('team', ['Project'])).member(BOB, team),
      approved(organization(), full),
    );
    expect(told(narrowed.runnable)).toEqual([expect.stringContaining('ApplySettings')]);
    expect(reasons(narrowed)).toEqual([`Stalled NotAllowed ${BOB}`]);
  });

  it('has its raises wait for an approval, whatever privilegeApproval says (rail 2)', () => {
    const admins = entry('team', ['Member'], { roles: ['Admin'] });
    const rails = { access: [admins], privilegeApproval: 'Never' } as const;
    const state = { build: () => settled(organization().build(), { ...RAILS, ...rails }) };
    const from = (namespace: string) =>
      planned(desired().rails(rails).member(EVE, { role: 'Admin', source: { namespace } }), state);
    expect(held(from('team'))).toEqual([['NeedsApproval', [`InviteMember ${EVE}`]]]);
    expect(told(from('acme').runnable)).toEqual([`InviteMember ${EVE}`]);
  });

  it('takes nobody over who is in the vault without a record', () => {
    const adopting = { source: { namespace: 'team', adopt: `mem_${BOB}` }, state: 'Suspended' } as const;
    const state = approved(organization().member(BOB, { role: 'Admin' }), full);
    const plan = planned(listing(full).member(BOB, adopting), state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain(`Stalled NotAllowed ${BOB}`);
  });

  it('takes nobody over whom only grants of Project objects brought under management', () => {
    const state = organization()
      .project('web')
      .member(BOB, { role: 'Admin', grants: [{ project: 'web', access: 'Read' }] })
      .record(
        'Member',
        BOB,
        { member: null, grants: [{ project: 'web', access: 'Read' }] },
        { origin: 'team' },
      );
    const declared = listing(full)
      .project('web', { ...team, grants: { [BOB]: 'Read' } })
      .member(BOB, { source: { namespace: 'team', adopt: `mem_${BOB}` }, state: 'Suspended' })
      .with({ origins: null });
    const plan = planned(declared, approved(state, full));
    expect(told(plan.steps).filter((step) => step.includes(BOB))).toEqual([]);
    expect(reasons(plan)).toContain(`Stalled NotAllowed ${BOB}`);
  });

  it('is not told who is in the vault, nor which manager has what', () => {
    const text = (state: { build(): OrganizationState }) => {
      const plan = planned(listing(full).member(BOB, team), approved(state, full));
      const finding = plan.findings.find(({ reason }) => reason === 'NotAllowed');
      expect(told(plan.steps)).toEqual([]);
      return `${finding?.message} ${finding?.next}`;
    };
    const another = organization().member(BOB).record('Member', BOB, {}, { manager: 'else/where' });
    const there = text(organization().member(BOB));
    expect(there).not.toMatch(/vault/);
    expect(text(another)).toBe(there);
  });

  it('that goes beyond its entry loses nothing of what came from there', () => {
    const state = organization().member(BOB).record('Member', BOB, {}, { origin: 'team' }).member(EVE);
    const admin = { ...team, role: 'Admin' } as const;
    const plan = planned(
      listing(full).member(BOB, admin).member(EVE).with({ origins: null }),
      approved(state, full),
    );
    expect(told(plan.steps).filter((step) => step.includes(BOB))).toEqual([]);
  });

  it('that goes beyond its entry holds up nothing of what others declare, or declare no longer', () => {
    const state = organization().member(BOB).member(EVE).member('ann@acme.example').ours();
    const declared = listing(full).member(EVE, { template: null }).member('ann@acme.example');
    const tenant = { ...team, role: 'Admin' } as const;
    const plan = planned(declared.member(BOB, tenant).member(EVE, tenant), approved(state, full));
    expect(told(plan.runnable)).toEqual([`RemoveMember ${BOB}`]);
  });
});

describe('a namespace that is listed no longer', () => {
  it('loses nothing: what came from there is held, and an approval lets it go (rail 9)', () => {
    const seen = { seenUnder: 'org/team/crd' };
    const state = organization()
      .member(BOB)
      .record('Member', BOB, { member: null, grants: [] }, { origin: 'team', ...seen })
      .member(EVE)
      .member('ann@acme.example')
      .ours();
    const under = Object.fromEntries(
      ['Organization', 'Member', 'PermissionTemplate', 'Project', 'MachineBinding'].map((kind) => [
        kind,
        'now',
      ]),
    );
    const declared = desired()
      .member(EVE, { source: { seenUnder: 'now' } })
      .member('ann@acme.example', { source: { seenUnder: 'now' } })
      .with({ origins: null, seenUnder: { acme: under } as unknown as Desired['seenUnder'] });
    expect(held(planned(declared, state))).toEqual([['OriginGone', [expect.stringContaining(BOB)]]]);
  });
});

it('what a namespace without an entry declares changes no step of any plan', () => {
  fc.assert(
    fc.property(arbitraryOrganization, arbitraryDesired, arbitraryDesired, (state, ours, theirs) => {
      const outside = <T extends { readonly source: { readonly namespace: string } }>(items: readonly T[]) =>
        items.map((item) => ({ ...item, source: { ...item.source, namespace: 'team' } }));
      const both: Desired = {
        ...ours,
        members: [...ours.members, ...outside(theirs.members)],
        groups: [...ours.groups, ...outside(theirs.groups)],
        templates: [...ours.templates, ...outside(theirs.templates)],
        projects: [...ours.projects, ...outside(theirs.projects)],
        machines: [...ours.machines, ...outside(theirs.machines)],
      };
      const alone = plan(ours, state, policy(), NOW);
      const beside = plan(both, state, policy(), NOW);
      expect(beside.steps).toEqual(alone.steps);
      expect(beside.held).toEqual(alone.held);
      expect(beside.findings.filter(({ reason }) => reason !== 'NotAllowed')).toEqual(alone.findings);
      expect(beside.findings.filter(({ source }) => source?.namespace === 'team')).toHaveLength(
        countOf(theirs),
      );
    }),
    { numRuns: 100 },
  );
});

it('a step of another namespace is within its entry, as a reader of the entry would say it', () => {
  const subset = <T extends string>(items: readonly T[]) => fc.subarray([...items]);
  const entries = fc.record({
    kinds: subset(['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding']),
    roles: subset(['Admin', 'Member']),
    templates: subset(['auditors', 'developers', 'leads']),
    cells: capabilities,
    projects: subset(['billing', 'payments', 'web']),
  });
  const worlds = fc.tuple(arbitraryOrganization, arbitraryDesired, arbitraryDesired, fc.boolean());
  fc.assert(
    fc.property(worlds, entries, ([there, ours, theirs, granted], fields) => {
      const allowed = { namespace: 'team', ...fields } as NamespaceAccess;
      const outside = <T extends { readonly source: Source }>(items: readonly T[]) =>
        items.map((item) => ({
          ...item,
          source: { ...item.source, namespace: 'team', adopt: adoptOf(item) },
        }));
      const both: Desired = {
        ...listing(allowed).with({ origins: null }).build(),
        // Of the Organization's own namespace projects alone, with what they grant to groups.
        projects: [...ours.projects, ...outside(theirs.projects)],
        members: outside(theirs.members),
        groups: outside(theirs.groups),
        templates: outside(theirs.templates),
        machines: outside(theirs.machines),
      };
      const records = granted ? grantsOnly(there) : [];
      const state = settled({ ...there, records, tombstones: [] }, { ...RAILS, access: [allowed] });
      for (const { action, source } of plan(both, state, policy(), NOW).steps) {
        if (source?.namespace !== 'team') continue;
        // Nobody and no group that was there; what Project objects grant them is of their entry.
        if (source.kind === 'Member') expect(action.kind).toBe('InviteMember');
        if (source.kind === 'Group') {
          expect(there.groups.map(({ name }) => name)).not.toContain(action.key);
          const isMade = action.kind === 'CreateGroup' || action.kind === 'UpdateGroup';
          for (const { project } of isMade ? action.after.grants : [])
            expect(fields.projects).toContain(project);
        }
        expect(fields.kinds).toContain(source.kind);
        if (action.kind === 'InviteMember') {
          expect(fields.roles).toContain(action.after.role);
          if (action.after.template !== null) expect(fields.templates).toContain(action.after.template);
        }
        if (action.kind === 'CreateTemplate' || action.kind === 'UpdateTemplate') {
          expect(fields.templates).toContain(action.key);
          const { capabilities: cells, projectScope } = action.after;
          // Cells that act on the vault act in no project: their scope says nothing.
          const acts = templateCells(cells).some(({ scope }) => scope === 'project');
          if (acts) expect(projectScope).not.toBe('All');
          for (const project of projectScope === 'All' ? [] : projectScope)
            expect(fields.projects).toContain(project);
          for (const category of CATEGORIES)
            for (const cell of cells[category] ?? []) expect(fields.cells[category]).toContain(cell);
        }
        if (action.kind === 'CreateProject') expect(fields.projects).toContain(action.key);
        if (action.kind === 'SetMachineAccess') {
          const before = new Set(action.before.access.map(({ project }) => project));
          for (const { project } of action.after.access)
            if (!before.has(project)) expect(fields.projects).toContain(project);
        }
      }
    }),
    { numRuns: 200 },
  );
});

/** Records of everybody and of every group, as grants of a Project object of the namespace make them. */
function grantsOnly({ members, groups }: OrganizationState): ManagedRecord[] {
  const { records } = members
    .reduce(
      (builder, { email }) =>
        builder.record('Member', email, { member: null, grants: [] }, { origin: 'team' }),
      groups.reduce(
        (builder, { name }) =>
          builder.record('Group', name, { group: null, members: [], grants: [] }, { origin: 'team' }),
        organization(),
      ),
    )
    .build();
  return [...records];
}

/** The id that the builder of an organization gives a thing of that name. */
function adoptOf(item: object): string {
  const { email, name } = item as { email?: string; name?: string };
  return email === undefined ? `grp_${name}` : `mem_${email}`;
}

function countOf({ members, groups, templates, projects, machines }: Desired): number {
  return [members, groups, templates, projects, machines].flat().length;
}
