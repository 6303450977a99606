import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessWhenActive, effectiveAccess, hasCell, narrowed } from '#model/access.ts';
import type { Capabilities } from '#model/capabilities.ts';
import { CATEGORIES, CELLS, cellsOf, templateCells } from '#model/capabilities.ts';
import { type GroupGrant, groupGrantsOf } from '#model/groups.ts';
import type { MemberAccess } from '#model/organization.ts';
import { NOW } from '#test/builders/organization.ts';

const member = (fields: Partial<MemberAccess> = {}): MemberAccess => ({
  role: 'Member',
  template: null,
  projectScope: null,
  grants: [],
  ...fields,
});
const template = (capabilities: Capabilities, projectScope: 'All' | readonly string[] = 'All') => ({
  capabilities,
  projectScope,
});
const developers = (name: string) =>
  name === 'developers' ? template({ Secrets: ['View'], Alerts: ['View'] }, ['web', 'api']) : undefined;
const whenActive = (
  access: MemberAccess,
  templateOf: Parameters<typeof accessWhenActive>[1],
  groupGrants: readonly GroupGrant[] = [],
) => accessWhenActive(access, templateOf, groupGrants, NOW);

describe('effective access', () => {
  it('starts from the baseline of the role (O4)', () => {
    const access = whenActive(member(), () => undefined);
    expect([...access.vault.keys()]).toEqual(['Audit log: View']);
    const admin = whenActive(member({ role: 'Admin' }), () => undefined);
    expect([...admin.vault.keys()]).toEqual([
      'Audit log: View',
      'Projects: Create',
      'Organization: View members',
    ]);
    expect([...admin.allProjects.keys()]).toEqual(['Projects: View', 'Projects: Manage']);
  });

  it('gives the owner every cell everywhere', () => {
    const owner = whenActive(member({ role: 'Owner' }), () => undefined);
    expect(CELLS.filter(({ id }) => !hasCell(owner, id, 'any'))).toEqual([]);
  });

  it('has vault cells act on the vault and project cells only in scope (T3)', () => {
    const access = whenActive(member({ template: 'developers' }), developers);
    expect(hasCell(access, 'Alerts: View')).toBe(true);
    expect(hasCell(access, 'Secrets: View', 'web')).toBe(true);
    expect(hasCell(access, 'Secrets: View', 'ops')).toBe(false);
    expect(hasCell(access, 'Secrets: View')).toBe(false);
  });

  it('narrows a scope per member, and never widens it (T1)', () => {
    expect(narrowed(['a', 'b'], ['b', 'c'])).toEqual(['b']);
    expect(narrowed('All', ['b'])).toEqual(['b']);
    expect(narrowed(['a'], 'All')).toEqual(['a']);
    expect(narrowed(['a'], null)).toEqual(['a']);
    const access = whenActive(member({ template: 'developers', projectScope: ['api', 'ops'] }), developers);
    expect([...access.projects.keys()]).toEqual(['api']);
  });

  it('adds direct grants; Write includes Read (G1)', () => {
    const access = whenActive(member({ grants: [{ project: 'ops', access: 'Write' }] }), developers);
    expect([...(access.projects.get('ops')?.keys() ?? [])]).toEqual([
      'Projects: View',
      'Secrets: View',
      'Secrets: Manage',
    ]);
  });

  it('names every path that gave a cell', () => {
    const access = whenActive(
      member({ template: 'developers', grants: [{ project: 'web', access: 'Read' }] }),
      developers,
    );
    expect(access.projects.get('web')?.get('Secrets: View')).toEqual([
      { via: 'template', template: 'developers' },
      { via: 'grant', project: 'web', access: 'Read' },
    ]);
  });

  it('adds the grants of groups to direct ones, each with its path (G1)', () => {
    const groups = [
      {
        id: 'g1',
        name: 'ops',
        description: '',
        members: ['a@acme.example'],
        grants: [{ project: 'web', access: 'Write' }],
      },
      {
        id: 'g2',
        name: 'qa',
        description: '',
        members: ['a@acme.example'],
        grants: [{ project: 'web', access: 'Read' }],
      },
      {
        id: 'g3',
        name: 'dev',
        description: '',
        members: ['b@acme.example'],
        grants: [{ project: 'api', access: 'Read' }],
      },
    ] as const;
    const access = whenActive(
      member({ grants: [{ project: 'web', access: 'Read' }] }),
      developers,
      groupGrantsOf(groups, 'a@acme.example'),
    );
    expect([...access.projects.keys()]).toEqual(['web']);
    const web = access.projects.get('web');
    expect(web?.get('Secrets: View')).toEqual([
      { via: 'grant', project: 'web', access: 'Read' },
      { via: 'group', group: 'ops', project: 'web', access: 'Write' },
      { via: 'group', group: 'qa', project: 'web', access: 'Read' },
    ]);
    expect(web?.get('Secrets: Manage')).toEqual([
      { via: 'group', group: 'ops', project: 'web', access: 'Write' },
    ]);
    expect(groupGrantsOf(groups, 'nobody@acme.example')).toEqual([]);
  });

  it('is nothing while suspended or invited (M1)', () => {
    for (const state of ['Suspended', 'Invited'] as const) {
      const access = effectiveAccess(
        { ...member({ role: 'Admin' }), state },
        developers,
        [{ group: 'ops', project: 'web', access: 'Write' }],
        NOW,
      );
      expect([access.vault.size, access.allProjects.size, access.projects.size]).toEqual([0, 0, 0]);
    }
  });

  it('never comes from an owner-only cell of a template (T4)', () => {
    const all = Object.fromEntries(CATEGORIES.map((category) => [category, cellsOf(category)]));
    const access = whenActive(member({ template: 'all' }), () => template(all));
    for (const { id, ownerOnly } of CELLS) expect(hasCell(access, id, 'any'), id).toBe(!ownerOnly);
    expect(templateCells(all)).toHaveLength(CELLS.length - 3);
  });

  it('never shrinks by a grant or a cell more', () => {
    const cell = fc.constantFrom(...CELLS.map(({ category, cell: name }) => [category, name] as const));
    fc.assert(
      fc.property(fc.uniqueArray(cell, { maxLength: 6 }), cell, (cells, more) => {
        const capabilities = (list: readonly (readonly [string, string])[]): Capabilities =>
          Object.fromEntries(
            CATEGORIES.map((category) => [category, list.filter(([c]) => c === category).map(([, n]) => n)]),
          );
        const before = whenActive(member({ template: 't' }), () => template(capabilities(cells), ['p']));
        const after = whenActive(member({ template: 't' }), () =>
          template(capabilities([...cells, more]), ['p']),
        );
        expect(CELLS.filter(({ id }) => hasCell(before, id, 'p') && !hasCell(after, id, 'p'))).toEqual([]);
      }),
    );
  });
});
