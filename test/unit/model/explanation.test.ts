import { describe, expect, it } from 'vitest';
import { accessWhenActive } from '#model/access.ts';
import { explained } from '#model/explanation.ts';

const access = accessWhenActive(
  { role: 'Admin', template: 'dev', projectScope: null, grants: [{ project: 'web', access: 'Read' }] },
  () => ({ capabilities: { Alerts: ['View'], Secrets: ['View'] }, projectScope: ['web', 'api'] }),
  [{ group: 'ops', project: 'web', access: 'Write' }],
  0,
);
const told = (question: Parameters<typeof explained>[1]) =>
  explained(access, question).map(({ cell, where, project, paths }) => [
    cell,
    project ?? where,
    paths.map(({ via }) => via),
  ]);

describe('the explanation of an access', () => {
  it('names every cell with where it holds and every path that gave it', () => {
    expect(told({})).toEqual([
      ['Audit log: View', 'Vault', ['role']],
      ['Projects: Create', 'Vault', ['role']],
      ['Organization: View members', 'Vault', ['role']],
      ['Alerts: View', 'Vault', ['template']],
      ['Projects: View', 'AllProjects', ['role']],
      ['Projects: Manage', 'AllProjects', ['role']],
      ['Secrets: View', 'web', ['template', 'grant', 'group']],
      ['Projects: View', 'web', ['grant', 'group']],
      ['Secrets: Manage', 'web', ['group']],
      ['Secrets: View', 'api', ['template']],
    ]);
  });

  it('is of one project: what holds there, by name or in all', () => {
    expect(told({ project: 'api' })).toEqual([
      ['Projects: View', 'AllProjects', ['role']],
      ['Projects: Manage', 'AllProjects', ['role']],
      ['Secrets: View', 'api', ['template']],
    ]);
  });

  it('is of one cell, anywhere or in one project', () => {
    expect(told({ cell: 'Secrets: View' })).toEqual([
      ['Secrets: View', 'web', ['template', 'grant', 'group']],
      ['Secrets: View', 'api', ['template']],
    ]);
    expect(told({ cell: 'Secrets: Manage', project: 'api' })).toEqual([]);
    expect(told({ cell: 'Alerts: View', project: 'api' })).toEqual([['Alerts: View', 'Vault', ['template']]]);
  });
});
