import { describe, expect, it } from 'vitest';
import { accessJson, accessOf, canonicalAccess } from '#model/member-access.ts';
import type { MemberAccess } from '#model/organization.ts';

const ACCESS: MemberAccess = {
  role: 'Admin',
  template: 'developers',
  projectScope: ['web', 'api', 'web'],
  grants: [
    { project: 'web', access: 'Write' },
    { project: 'api', access: 'Read' },
  ],
};

describe("a member's access", () => {
  it('is compared in whatever order its lists are, and a scope of all projects is none of its own (T1)', () => {
    const reordered = { ...ACCESS, projectScope: ['api', 'web'], grants: ACCESS.grants.toReversed() };
    expect(canonicalAccess(reordered)).toEqual(canonicalAccess(ACCESS));
    expect(canonicalAccess({ ...ACCESS, projectScope: 'All' }).projectScope).toBeNull();
    expect(canonicalAccess({ ...ACCESS, projectScope: [] }).projectScope).toEqual([]);
  });

  it('is audited whole, as it stands', () => {
    expect(accessJson(ACCESS)).toEqual(ACCESS);
  });

  it('is taken out of a member without what else a member is', () => {
    const member = { ...ACCESS, email: 'bob@acme.example', state: 'Active' };
    expect(accessOf(member)).toEqual(ACCESS);
  });
});
