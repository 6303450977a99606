/** The demo's workload as a list of changes: what people do to folder and vault, one commit after the other. */
import { declare, declareBinding, declareMember, emailOf, type Team } from './team.ts';

export const WORKERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'] as const;

export interface WorkloadStep {
  readonly name: string;
  /** False: not possible yet, because the operator did not get that far; it is tried again. */
  run(team: Team): Promise<boolean>;
}

const organizationRef = { name: 'acme' };

const done =
  (act: (team: Team) => Promise<void>) =>
  async (team: Team): Promise<boolean> => {
    await act(team);
    return true;
  };

/** An act of a person in the vault, which waits for what the operator makes. */
const whenPossible =
  (act: (team: Team) => Promise<void>) =>
  async (team: Team): Promise<boolean> => {
    try {
      await act(team);
      return true;
    } catch {
      return false;
    }
  };

const accept = (name: string): WorkloadStep => ({
  name: `${name} accepts`,
  run: async (team) => {
    const { members } = await team.vault.observe();
    const member = members.find(({ email }) => email === emailOf(name));
    if (member?.state === 'Active') return true;
    return whenPossible(({ vault }) => vault.answerInvite(emailOf(name), 'accept'))(team);
  },
});

export const WORKLOAD: readonly WorkloadStep[] = [
  {
    name: 'the organization with two members',
    run: done((team) => declare(team, ['alice', 'bob'])),
  },
  {
    name: 'two bindings, and two projects more',
    run: done(async ({ cluster }) => {
      for (const name of ['website', 'shared'])
        await cluster.apply('Project', name, {
          organizationRef,
          secrets: [
            { name: 'api-key', generator: { length: 20 } },
            { name: 'token', generator: { length: 20 } },
          ],
        });
      await declareBinding(cluster, 'checkout');
      await declareBinding(cluster, 'website', {
        projects: [{ name: 'website', secrets: ['api-key'] }],
        targets: [{ secretName: 'website-env', data: [{ project: 'website', secret: 'api-key' }] }],
      });
    }),
  },
  accept('alice'),
  {
    name: 'four members more',
    run: done(async ({ cluster }) => {
      for (const name of ['carol', 'dave', 'erin', 'frank']) await declareMember(cluster, name);
    }),
  },
  {
    name: 'the template gains a cell',
    run: done(async ({ cluster }) => {
      await cluster.apply('PermissionTemplate', 'developers', {
        organizationRef,
        capabilities: { Projects: ['View'], Secrets: ['View', 'Manage'] },
        projectScope: { all: true },
      });
    }),
  },
  {
    name: 'a binding asks for one more secret',
    run: done(({ cluster }) =>
      declareBinding(cluster, 'website', {
        projects: [{ name: 'website', secrets: ['api-key', 'token'] }],
        targets: [
          {
            secretName: 'website-env',
            data: [
              { project: 'website', secret: 'api-key' },
              { project: 'website', secret: 'token' },
            ],
          },
        ],
      }),
    ),
  },
  accept('carol'),
  {
    name: 'a value changes',
    run: whenPossible(({ vault }) => vault.setSecret('payments', 'db-password', 'changed-by-a-person')),
  },
  {
    name: 'one member is gone',
    run: done(({ cluster }) => cluster.remove('Member', 'frank')),
  },
  {
    name: 'a member and a binding more',
    run: done(async ({ cluster }) => {
      await declareMember(cluster, 'grace', { templateRef: { name: 'developers' }, role: 'Admin' });
      await declareBinding(cluster, 'worker');
    }),
  },
  {
    name: 'a member is suspended',
    run: done(({ cluster }) => declareMember(cluster, 'carol', { state: 'Suspended' })),
  },
];
