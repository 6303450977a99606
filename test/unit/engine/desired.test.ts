import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf, managerOf } from '#engine/desired.ts';
import { ADDITIVE } from '#model/authority.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import { CONTEXT, organizationResource, resource } from '#test/builders/resources.ts';

const organization = organizationResource();
const developers = resource('PermissionTemplate', 'dev', {
  name: 'Developers',
  capabilities: { Secrets: ['View'] },
});
const alice = resource('Member', 'alice', { email: 'Alice@Acme.example', templateRef: { name: 'dev' } });
const desired = (...objects: CustomResource[]) => desiredOf(organization, objects, CONTEXT);

describe('custom resources become declarations', () => {
  test('with the defaults of the design where nothing is said', () => {
    const { desired: value, findings } = desired(
      alice,
      developers,
      resource('Project', 'payments', {}),
      resource('MachineBinding', 'api', {
        machineName: 'API',
        projects: [{ name: 'payments' }],
        key: { secretName: 'k' },
      }),
    );
    expect(findings).toEqual([]);
    expect(value.manager).toBe('acme/acme');
    expect(value.origins).toEqual(['acme']);
    expect(value.organization.fields).toEqual({
      displayName: null,
      owner: null,
      rails: {
        settleSeconds: 30,
        losses: 'Budget',
        lossBudget: DEFAULT_BUDGETS,
        privilegeApproval: 'Never',
        requiredAdmins: [],
        approvers: { users: [], groups: [], members: [] },
        access: [],
        invites: DEFAULT_INVITES,
        confirmation: false,
        authority: ADDITIVE,
      },
    });
    expect(value.members).toMatchObject([
      {
        email: 'alice@acme.example',
        member: { role: 'Member', template: 'Developers', projectScope: null, state: 'Active' },
        grants: [],
      },
    ]);
    expect(value.templates).toMatchObject([
      {
        name: 'Developers',
        fields: { description: '', capabilities: { Secrets: ['View'] }, projectScope: 'All' },
      },
    ]);
    expect(value.projects).toMatchObject([
      { name: 'payments', description: '', grants: [], secrets: [], deletionPolicy: 'Orphan' },
    ]);
    expect(value.machines).toMatchObject([
      {
        machineName: 'API',
        fields: { access: [{ project: 'payments', secrets: [] }] },
        deletionPolicy: 'Revoke',
        suspended: false,
        key: null,
      },
    ]);
  });

  test('with lists sorted, and the same grant declared twice counted once, Write over Read (G1)', () => {
    const { desired: value } = desired(
      resource('Member', 'bob', {
        email: 'bob@acme.example',
        grants: [
          { project: 'z', access: 'Read' },
          { project: 'a', access: 'Write' },
        ],
      }),
      resource('Project', 'z', {
        grants: [
          { member: 'Bob@acme.example', access: 'Write' },
          { member: 'bob@acme.example', access: 'Read' },
        ],
      }),
    );
    expect(value.members[0]?.grants).toEqual([
      { project: 'a', access: 'Write' },
      { project: 'z', access: 'Read' },
    ]);
    expect(value.projects[0]?.grants).toEqual([{ member: 'bob@acme.example', access: 'Write' }]);
  });

  test('with the rails as declared, and what is not declared of a budget by default', () => {
    const declared = organizationResource({
      manager: 'ours',
      rails: {
        settle: '2m',
        lossBudget: { people: { max: 3 } },
        requiredAdmins: ['Z@acme.example', 'a@acme.example'],
        approvers: { users: ['zoe', 'amy'], members: ['Zoe@acme.example', 'amy@acme.example'] },
      },
    });
    const { rails } = desiredOf(declared, [], CONTEXT).desired.organization.fields;
    expect(rails.settleSeconds).toBe(120);
    expect(rails.lossBudget.people).toEqual({ min: 2, max: 3, percent: 5 });
    expect(rails.requiredAdmins).toEqual(['a@acme.example', 'z@acme.example']);
    expect(rails.approvers).toEqual({
      users: ['amy', 'zoe'],
      groups: [],
      members: ['amy@acme.example', 'zoe@acme.example'],
    });
    expect(managerOf(declared)).toBe('ours');
  });

  test('whatever the order of the objects', () => {
    const objects = [alice, developers, resource('Project', 'b', {}), resource('Project', 'a', {})];
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
        expect(desired(...shuffled)).toEqual(desired(...objects));
      }),
    );
  });
});

describe('what cannot be read as a declaration loses nothing', () => {
  test('a member whose template is not there waits, and is incomplete', () => {
    const { desired: value, findings } = desired(alice);
    expect(value.members).toEqual([]);
    expect(value.incomplete).toMatchObject([{ kind: 'Member', key: 'alice@acme.example' }]);
    expect(value.complete).toBe(true);
    expect(findings).toMatchObject([{ reason: 'TemplateNotFound', severity: 'Waiting' }]);
  });

  test('a template that is being deleted is as good as gone', () => {
    const going = {
      ...developers,
      metadata: { ...developers.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    const { desired: value } = desired(alice, going);
    expect(value.templates).toEqual([]);
    expect(value.incomplete).toMatchObject([{ kind: 'Member', key: 'alice@acme.example' }]);
  });

  test('an invalid spec is incomplete by its natural key, with what is wrong (T4)', () => {
    const template = resource('PermissionTemplate', 'dev', { capabilities: { Templates: ['Manage'] } });
    const { desired: value, findings } = desired(template);
    expect(value.incomplete).toMatchObject([{ kind: 'PermissionTemplate', key: 'dev' }]);
    expect(findings).toMatchObject([
      {
        reason: 'InvalidSpec',
        severity: 'Stalled',
        message: expect.stringMatching(/^spec\.capabilities\.Templates\.0: /),
      },
    ]);
  });

  test('an object whose natural key cannot be read makes the whole view partial (rail 6)', () => {
    const broken = resource('Member', 'x', { email: 7 as unknown as string });
    expect(desired(broken, developers).desired.complete).toBe(false);
  });

  test('an object of another namespace counts for nothing, and is told so', () => {
    const foreign = resource(
      'Member',
      'eve',
      { email: 'eve@acme.example', role: 'Admin' },
      { namespace: 'other' },
    );
    const naming = {
      ...foreign,
      spec: { ...foreign.spec, organizationRef: { name: 'acme', namespace: 'acme' } },
    };
    const { desired: value, findings } = desired(naming);
    expect(value.members).toEqual([]);
    expect(value.incomplete).toEqual([]);
    expect(findings).toMatchObject([{ reason: 'NamespaceNotListed', severity: 'Stalled' }]);
  });

  test.each([
    [
      'no entry lists their namespace',
      (object: CustomResource) => ({
        ...object,
        metadata: { ...object.metadata, namespace: 'other' },
        spec: { ...object.spec, organizationRef: { name: 'acme', namespace: 'acme' } },
      }),
    ],
    [
      'they are being deleted',
      (object: CustomResource) => ({
        ...object,
        metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      }),
    ],
  ])('what objects name is known, though %s (rail 11)', (_what, uncounted) => {
    const { desired: value } = desired(
      ...[
        resource('Project', 'web', { grants: [{ member: 'Eve@acme.example', access: 'Read' }] }),
        resource('Group', 'ops', { members: [{ email: 'Bob@acme.example' }] }),
        resource('Member', 'x', { email: 7 as unknown as string }),
        resource('MachineBinding', 'ci', { machineName: 'CI' } as never),
      ].map((object) => uncounted(object) as CustomResource),
    );
    expect(value).toMatchObject({ members: [], groups: [], projects: [], incomplete: [], complete: true });
    expect(value.uncounted.named).toEqual({
      Member: ['eve@acme.example', 'bob@acme.example'],
      Group: ['ops'],
      PermissionTemplate: [],
      Project: ['web'],
      MachineBinding: ['CI'],
    });
    expect(value.uncounted.unknown.toSorted()).toEqual(['Member', 'PermissionTemplate', 'Project']);
    expect(desired(developers).desired.uncounted.unknown).toEqual([]);
  });

  test('an object of another organization is none of ours', () => {
    const other = resource('Project', 'p', {});
    const elsewhere = { ...other, spec: { ...other.spec, organizationRef: { name: 'umbrella' } } };
    expect(desired(elsewhere)).toMatchObject({ desired: { projects: [] }, findings: [] });
  });

  test('an Organization that cannot be read is an error', () => {
    const broken = organizationResource({ management: 'Partly' as 'Full' });
    expect(() => desiredOf(broken, [], CONTEXT)).toThrow(/spec.management/);
  });
});
test('has raises wait for an approval where nothing is said (rail 2)', () => {
  const declared = organizationResource({ rails: { privilegeApproval: undefined } });
  const { rails } = desiredOf(declared, [], CONTEXT).desired.organization.fields;
  expect(rails.privilegeApproval).toBe('Always');
});
