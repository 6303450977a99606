import { expect, it } from 'vitest';
import type { MemberAccess } from '#model/organization.ts';
import { whyAccess } from '#planning/why.ts';

const before: MemberAccess = { role: 'Member', template: null, projectScope: null, grants: [] };

it.each<[string, Partial<MemberAccess>]>([
  ['role: Member -> Admin', { role: 'Admin', template: 'developers' }],
  ['template: none -> developers', { template: 'developers', projectScope: ['web'] }],
  [
    'project scope: as the template -> web',
    { projectScope: ['web'], grants: [{ project: 'web', access: 'Read' }] },
  ],
  ['grants: +web Read', { grants: [{ project: 'web', access: 'Read' }] }],
  ['', {}],
])('names the first field of an access that differs: %s', (told, changes) => {
  expect(whyAccess(before, { ...before, ...changes })).toBe(told);
});
