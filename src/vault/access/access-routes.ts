/** Effective access with its explanation (V3), and how full the plan is (P3). */
import { z } from '@hono/zod-openapi';
import { CELLS, type CellId } from '#model/capabilities.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { tierNamed } from '../common/tiers.ts';
import { next, pageQuery } from '../http/page.ts';
import { access, grant, shownEnd, shownScope } from '../people-api/access-schemas.ts';
import { displayedName, type PeopleApp, storedEmail } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { projectExists } from '../projects/projects.ts';
import { SHOWN_STATES } from '../store/active-members.ts';
import { accessOfOne, whoCan } from './effective-access.ts';
import { usageOf } from './usage.ts';

const role = z.enum(['Owner', 'Admin', 'Member']);

const accessPath = z.discriminatedUnion('via', [
  z.object({ via: z.literal('role'), role, expiresAt: shownEnd }),
  z.object({ via: z.literal('template'), template: z.string(), expiresAt: shownEnd }),
  z.object({ via: z.literal('grant'), project: z.string(), access, expiresAt: shownEnd }),
  z.object({ via: z.literal('group'), group: z.string(), project: z.string(), access, expiresAt: shownEnd }),
]);

const explainedCell = z.object({
  cell: z.string(),
  where: z.enum(['Vault', 'AllProjects', 'Project']),
  project: z.string().nullable(),
  paths: z.array(accessPath).readonly(),
});

const explainedMember = z.object({
  email: z.string(),
  userName: z.string().nullable(),
  role,
  state: z.enum(SHOWN_STATES),
  expiresAt: shownEnd,
  template: z.string().nullable(),
  templateExpiresAt: shownEnd,
  projectScope: shownScope.nullable(),
  grants: z.array(grant).readonly(),
  groups: z.array(z.string()).readonly(),
  cells: z.array(explainedCell).readonly(),
});

const question = pageQuery.extend({
  member: storedEmail.optional(),
  cell: z
    .enum(CELLS.map(({ id }) => id) as [CellId, ...CellId[]])
    .optional()
    .meta({ examples: ['Secrets: View'] }),
  project: displayedName.optional(),
});

const used = z.object({ used: z.int(), cap: z.int().nullable() });

export function accessRoutes(app: PeopleApp, context: VaultContext): void {
  const { reader } = context;

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/access',
    summary:
      'Who may do what and by which path: one member, or who can; without a question, I myself. People see metadata here, never values',
    operation: 'viewOwnAccess',
    also: ['viewAccess'],
    query: question,
    answer: {
      description: 'Sorted by e-mail; with `next`, ask again with it, even where a page holds nobody.',
      schema: z.object({ members: z.array(explainedMember).readonly(), next }),
    },
    refuses: [404],
    async run({ vaultId, caller, requireAlso, query: { member, cell, project, ...page } }) {
      const now = context.clock.now();
      const about = { cell, project };
      const asksNothing = member === undefined && cell === undefined && project === undefined;
      // The address of the membership: that of the account may have changed since.
      const own = caller.actor.email;
      if (asksNothing || (member !== undefined && normalizeEmail(member) === own)) {
        const one = await accessOfOne(reader, vaultId, own, about, now);
        return { members: one === undefined ? [] : [one], next: null };
      }
      await requireAlso(reader, 'viewAccess');
      // Whoever may see everybody's access may know which projects there are.
      if (project !== undefined && !(await projectExists(reader, vaultId, project))) {
        throw refuse('NotFound', `There is no project ${project}.`);
      }
      if (member === undefined) return whoCan(reader, vaultId, about, page, now);
      const one = await accessOfOne(reader, vaultId, normalizeEmail(member), about, now);
      if (one === undefined) throw refuse('NotFound', `${member} is not a member.`);
      return { members: [one], next: null };
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/usage',
    summary: 'What of the plan is used, what it holds at most, and where there is more (P3)',
    operation: 'viewUsage',
    answer: {
      description: 'As it is now; a cap of null is none.',
      schema: z.object({
        plan: z.string(),
        billingUrl: z.string(),
        members: used,
        groups: used,
        projects: used,
        machines: used,
      }),
    },
    async run({ vaultId }) {
      const { plan } = await reader
        .selectFrom('vaults')
        .select('plan')
        .where('id', '=', vaultId)
        .executeTakeFirstOrThrow();
      return usageOf(reader, vaultId, tierNamed(context.catalog, plan), context.clock.now());
    },
  });
}
