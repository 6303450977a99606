import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryCommits,
  type Objects,
  printedFor,
  type Rails,
  SETTLE,
  Vault,
} from '#test/builders/passes.ts';
import { resource } from '#test/builders/resources.ts';

describe('what a plan printed as running', () => {
  it('is what runs once losses have settled, and nothing else but what was held as a raise and raises nobody by then', () => {
    fc.assert(
      fc.property(arbitraryCommits, (commits) => {
        const { after, rails } = commits;
        const { start, printed: plan } = printedFor(commits);
        const printed = plan.runnable.filter(({ executor }) => executor === 'engine');
        const raises = plan.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        const vault = new Vault(rails, true, start.state);
        vault.now = start.now;
        for (let pass = 0; pass < 4; pass++) {
          vault.pass(after);
          vault.now += SETTLE;
        }
        const late = new Set(raises.map(({ hash }) => hash));
        const ran = vault.steps.filter((step) => !late.has(step.hash));
        expect(ran.map(({ hash }) => hash).toSorted()).toEqual(printed.map(({ hash }) => hash).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

describe('a raise that nothing holds, and that makes up for a loss', () => {
  const email = 'm0@acme.example';
  const web = resource('Project', 'web', { name: 'Web', description: '', grants: [], secrets: [] });
  const rails: Rails = { privilegeApproval: 'Never', lossBudget: { access: { min: 0, max: 0 } } };
  const template = (name: string, capabilities: Record<string, string[]>) =>
    resource('PermissionTemplate', name, { capabilities, projectScope: { projects: ['Web'] } });
  const group = (name: string, email: string | null, access: 'Read' | 'Write') =>
    resource('Group', name, {
      members: email === null ? [] : [{ email }],
      grants: [{ project: 'Web', access }],
    });
  const member = (name: string, templateName: string) =>
    resource('Member', name, { email: `${name}@acme.example`, templateRef: { name: templateName } });
  const admin = (name?: string) =>
    resource('Member', 'm0', {
      email,
      role: 'Admin',
      ...(name === undefined ? {} : { templateRef: { name } }),
    });
  const manage = template('dev', { Machines: ['Manage'] });

  it.each<[string, Objects, Objects]>([
    [
      'by a group, for what another group gave',
      [web, manage, member('m0', 'dev'), group('everyone', null, 'Write'), group('ops', email, 'Read')],
      [web, manage, member('m0', 'dev'), group('everyone', email, 'Write'), group('ops', null, 'Read')],
    ],
    [
      'by a group, for what a template gave',
      [
        web,
        template('dev', { Machines: ['Manage'], Secrets: ['View'] }),
        member('m0', 'dev'),
        group('ops', null, 'Write'),
      ],
      [web, manage, member('m0', 'dev'), group('ops', email, 'Write')],
    ],
    [
      'by a template, for what another template gave',
      [web, manage, template('other', {}), member('m0', 'dev'), member('m1', 'other')],
      [
        web,
        manage,
        template('other', { Machines: ['Manage'] }),
        member('m0', 'other'),
        member('m1', 'other'),
      ],
    ],
    [
      'by a template that somebody is invited with',
      [web, template('dev', { Projects: ['Create'] }), admin('dev')],
      [web, template('dev', { Trash: ['Restore'] }), admin(), member('m5', 'dev')],
    ],
  ])('waits with it, so that the loss is judged as it was printed: %s', (_, before, after) => {
    const start = new Vault(rails, false);
    start.pass(before);
    start.join();
    const printed = start.plan(after);
    expect(printed.held).toMatchObject([{ reason: 'LossBudget' }]);
    const vault = new Vault(rails, true, start.state);
    for (let pass = 0; pass < 3; pass++) {
      vault.pass(after);
      vault.now += SETTLE;
    }
    expect(vault.ran).toEqual(printed.runnable.map(({ hash }) => hash));
  });
});

it('who is moved off a template that is narrowed waits with it, so that the loss is judged as it was printed', () => {
  const template = (name: string, capabilities: Record<string, string[]>) =>
    resource('PermissionTemplate', name, { capabilities, projectScope: { all: true } });
  const holder = (name: string) =>
    resource('Member', 'a', { email: 'a@acme.example', templateRef: { name } });
  const more = template('more', { Machines: ['View'], Projects: ['View'] });
  const before = [template('dev', { Machines: ['View'] }), more, holder('dev')];
  const after = [template('dev', { Projects: ['View'] }), more, holder('more')];
  const start = new Vault({ lossBudget: { access: { min: 0, max: 0 } } }, false);
  start.pass(before);
  start.join();
  const printed = start.plan(after);
  expect(printed.held).toMatchObject([{ steps: [{ action: { kind: 'UpdateTemplate', key: 'dev' } }] }]);
  const vault = new Vault({ lossBudget: { access: { min: 0, max: 0 } } }, true, start.state);
  vault.pass(after);
  expect(vault.ran).toEqual([]);
  for (let pass = 0; pass < 3; pass++) {
    vault.now += SETTLE;
    vault.pass(after);
  }
  expect(vault.ran).toEqual(printed.runnable.map(({ hash }) => hash));
});
