import { describe, expect, it } from 'vitest';
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';

describe('the paths that our clients send (V7)', () => {
  it('have each name as one segment, and paths as they are', () => {
    const group = pathTo`/groups/${'a/b?c#d%2e'}`;
    expect(String(pathTo`${group}/grants/${'Ünter'}`)).toBe('/groups/a%2Fb%3Fc%23d%252e/grants/%C3%9Cnter');
  });

  it('have a query of what is given, escaped', () => {
    const path = pathTo`/audit`.asking({ after: 3, cursor: undefined, member: 'a&b=c' });
    expect(String(path)).toBe('/audit?after=3&member=a%26b%3Dc');
    expect(String(pathTo`/audit`.asking({}))).toBe('/audit');
  });

  it('have a route of the management plane below a vault', () => {
    expect(String(pathTo`/api/v1/vaults/${'vault_1'}`.below(ROUTES.auditProof))).toBe(
      '/api/v1/vaults/vault_1/audit/proof',
    );
  });

  it('have no name that a path would change: the error says by what to name it instead', () => {
    expect(() => pathTo`/machines/${'..'}/disable`).toThrow(
      expect.objectContaining({
        publicMessage: '".." cannot be a part of a path.',
        next: 'Name it by its id, which the list of its kind shows with -o json.',
      }),
    );
  });
});
