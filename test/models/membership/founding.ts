/** How an organization comes to be what a history begins with: a commit, its approval, and people who accept. */
import { type Command, emailOf, type ObjectName, type Start } from './commands.ts';

const DAY = 24 * 3600;

export function founding({ founders, listsTeam }: Start): readonly Command[] {
  const own = (kind: ObjectName['kind'], name: string, spec: object): Command => ({
    git: 'set',
    object: { kind, namespace: 'acme', name },
    spec,
  });
  const people = founders.map(
    (name, index): Command => ({
      git: 'set',
      object: { kind: 'Member', namespace: listsTeam && index === 1 ? 'team' : 'acme', name },
      spec: {
        email: emailOf(name),
        role: index === 0 ? 'Admin' : 'Member',
        ...(index === 2 ? { templateRef: { name: 'developers', namespace: 'acme' } } : {}),
        grants: [{ project: 'web', access: index % 2 === 0 ? 'Write' : 'Read' }],
      },
    }),
  );
  const pass: Command = { pass: { is: 'None' } };
  const accepts = founders.map((name): Command => ({ invitee: 'accepts', email: emailOf(name) }));
  // The budgets of invites let a few go a day.
  const aDay: readonly Command[] = [
    pass,
    { owner: 'approves' },
    pass,
    ...accepts,
    { clock: 'goes on', seconds: DAY },
  ];
  return [
    own('Project', 'web', {}),
    own('Project', 'billing', {}),
    own('PermissionTemplate', 'developers', {
      capabilities: { Alerts: ['View'], Projects: ['View'] },
      projectScope: { all: true },
    }),
    own('Group', 'operations', {
      members: founders.slice(0, 3).map((name) => ({ email: emailOf(name) })),
      grants: [{ project: 'billing', access: 'Read' }],
    }),
    ...people,
    ...aDay,
    ...aDay,
    ...aDay,
    { clock: 'goes on', seconds: 8 * DAY },
    pass,
  ];
}
