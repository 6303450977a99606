import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Json, ManagedKind } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import {
  access,
  MANAGER,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';

let vault: TestVault;
let bounded: SignedBy;

const template = { description: '', capabilities: {}, projectScope: [] } as const;
const group = { description: '', members: [], grants: [] } as const;
const MADE: readonly (readonly [ManagedKind, StepAction])[] = [
  ['Member', { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access() }],
  ['PermissionTemplate', { kind: 'CreateTemplate', key: 'readers', before: null, after: template }],
  ['Group', { kind: 'CreateGroup', key: 'ops', before: null, after: group }],
  ['Project', { kind: 'CreateProject', key: 'other', before: null, after: { description: '' } }],
  ['Project', { kind: 'CreateProject', key: 'web', before: null, after: { description: '' } }],
];

beforeEach(async () => {
  vault = await startTestVault();
  for (const [kind, action] of MADE)
    expect(await vault.step(action, { record: record(kind, action.key) })).toBe('Done');
  bounded = await newIdentity(vault.context, vault.vaultId, vault.owner, {
    name: 'ci',
    projects: ['web'],
    managers: [MANAGER],
  });
});
afterEach(() => vault[Symbol.asyncDispose]());

const claim = (kind: ManagedKind, key: string, applied: Json = {}) => ({
  action: { kind: 'Claim', key: `${kind}/${key}`, before: null, after: { kind, applied } } as const,
  record: record(kind, key, applied),
});
const release = (kind: ManagedKind, key: string) => ({
  action: { kind: 'Release', key: `${kind}/${key}`, before: { kind }, after: null } as const,
});
const organization = (): readonly [ManagedKind, string] => ['Organization', vault.vaultId];

it('an identity bounded to projects claims and releases nothing that is not of them (V4)', async () => {
  const fence = await vault.fence();
  const before = await vault.snapshot();
  const things = [organization(), ...MADE.slice(0, 4).map(([kind, { key }]) => [kind, key] as const)];
  for (const [kind, key] of things) {
    for (const step of [
      claim(kind, key, kind === 'Organization' ? { rails: null } : {}),
      release(kind, key),
    ]) {
      const [answer] = await vault.stepsUnapproved([step], { as: bounded, fence });
      expect(answer, `${step.action.kind} ${kind}`).toMatchObject({ status: 'Refused', code: 'Forbidden' });
    }
  }
  expect((await vault.snapshot()).records).toEqual(before.records);
  const own = await vault.stepsUnapproved([claim('Project', 'web')], { as: bounded, fence });
  expect(own, 'the control').toMatchObject([{ status: 'Done' }]);
});

it('the record of the Organization is released by nobody, so that rails in force have a manager (rail 11)', async () => {
  const [kind, key] = organization();
  await vault.step(claim(kind, key, { rails: null }).action, { record: record(kind, key, { rails: null }) });
  const [answer] = await vault.steps([release(kind, key)]);
  expect(answer).toMatchObject({ status: 'Refused', code: 'Invalid' });
  expect((await vault.snapshot()).records.filter((one) => one.kind === kind)).toHaveLength(1);
});
