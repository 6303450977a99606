import { expect, test } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import { runPass } from '#engine/pass.ts';
import type { OrganizationState } from '#model/organization.ts';
import { organization } from '#test/builders/organization.ts';
import { CONTEXT } from '#test/builders/resources.ts';
import { memoryPass } from '#test/fakes/memory-pass.ts';
import { filesOf, LARGEST, objectsIn, withTemplate } from '../../../bench/history/history.ts';
import { sizeOf } from '../../../bench/history/replay.ts';

const organizationIn = (objects: readonly CustomResource[]) =>
  objects.find(({ kind }) => kind === 'Organization') as CustomResource<'Organization'>;

const declaring = (objects: readonly CustomResource[]) =>
  desiredOf(organizationIn(objects), objects, CONTEXT).desired;

/** Everybody accepts. */
const joined = (state: OrganizationState): OrganizationState => ({
  ...state,
  members: state.members.map((member) =>
    member.state === 'Invited' ? { ...member, state: 'Active', invite: null } : member,
  ),
});

test('1,500 people in 766 groups: nothing moved is one request and no write, one member changed five at most and one write', async () => {
  const objects = objectsIn(filesOf(LARGEST, 1));
  const { vault, input } = memoryPass(organization().build(), declaring(objects), {
    organization: organizationIn(objects),
  });
  const passing = async (some: readonly CustomResource[]) => {
    const known = { etag: `"${vault.state.epoch}.${vault.state.revision}"`, state: vault.state };
    vault.calls.length = 0;
    return runPass({ ...input, desired: declaring(some), known, anchor: vault.head });
  };
  await passing(objects);
  vault.moved(joined(vault.state));
  await passing(objects);
  expect(sizeOf(vault.state)).toEqual(LARGEST);

  const idle = await passing(objects);
  expect(idle).toMatchObject({ writes: 0, plan: { steps: [] } });
  expect(vault.calls).toEqual(['observe']);

  const changed = await passing(withTemplate(objects, 'reviewer'));
  expect(changed).toMatchObject({ writes: 1, plan: { steps: [] } });
  expect(vault.calls.length).toBeLessThanOrEqual(5);
}, 120_000);
