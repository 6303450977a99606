/** Effective access with its explanation (V3), and how full the plan is (P3). */
import { createRoute, z } from '@hono/zod-openapi';
import { CELLS, type CellId } from '#model/capabilities.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { planNamed } from '../common/tiers.ts';
import { next, pageQuery } from '../http/page.ts';
import { access, grant, shownScope } from '../people-api/access-schemas.ts';
import { authorized } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  email,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { projectExists } from '../projects/projects.ts';
import { accessOfOne, whoCan } from './effective-access.ts';
import { usageOf } from './usage.ts';

const role = z.enum(['Owner', 'Admin', 'Member']);
const accessPath = z.discriminatedUnion('via', [
  z.object({ via: z.literal('role'), role }),
  z.object({ via: z.literal('template'), template: z.string() }),
  z.object({ via: z.literal('grant'), project: z.string(), access }),
  z.object({ via: z.literal('group'), group: z.string(), project: z.string(), access }),
]);

const show = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/access',
  summary:
    'Who may do what and by which path: one member, or who can; without a question, I myself. People see metadata here, never values',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    query: pageQuery.extend({
      member: email.optional(),
      cell: z
        .enum(CELLS.map(({ id }) => id) as [CellId, ...CellId[]])
        .optional()
        .openapi({ example: 'Secrets: View' }),
      project: displayedName.optional(),
    }),
  },
  responses: {
    200: {
      description: 'Sorted by e-mail; with `next`, ask again with it, even where a page holds nobody.',
      content: json(
        z.object({
          members: z
            .array(
              z.object({
                email: z.string(),
                userName: z.string().nullable(),
                role,
                state: z.enum(['Invited', 'Active', 'Suspended']),
                template: z.string().nullable(),
                projectScope: shownScope.nullable(),
                grants: z.array(grant).readonly(),
                groups: z.array(z.string()).readonly(),
                cells: z
                  .array(
                    z.object({
                      cell: z.string(),
                      where: z.enum(['Vault', 'AllProjects', 'Project']),
                      project: z.string().nullable(),
                      paths: z.array(accessPath).readonly(),
                    }),
                  )
                  .readonly(),
              }),
            )
            .readonly(),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const used = z.object({ used: z.int(), cap: z.int().nullable() });
const usage = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/usage',
  summary: 'What of the plan is used, what it holds at most, and where there is more (P3)',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description: 'As it is now; a cap of null is none.',
      content: json(
        z.object({
          plan: z.string(),
          billingUrl: z.string(),
          members: used,
          groups: used,
          projects: used,
          machines: used,
        }),
      ),
    },
    ...refusals,
  },
});

export function accessRoutes(app: PeopleApp, context: VaultContext): void {
  const { reader } = context;
  app.openapi(show, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { member, cell, project, ...page } = c.req.valid('query');
    const question = { cell, project };
    const asksNothing = member === undefined && cell === undefined && project === undefined;
    // The address of the membership: that of the account may have changed since.
    const { actor } = await authorized(reader, session, vaultId, 'viewOwnAccess');
    const isAboutThemselves = asksNothing || (member !== undefined && normalizeEmail(member) === actor.email);
    if (!isAboutThemselves) await authorized(reader, session, vaultId, 'viewAccess');
    if (isAboutThemselves) {
      const own = await accessOfOne(reader, vaultId, actor.email, question);
      return c.json({ members: own === undefined ? [] : [own], next: null }, 200);
    }
    // Whoever may see everybody's access may know which projects there are.
    if (project !== undefined && !(await projectExists(reader, vaultId, project))) {
      throw refuse('NotFound', `There is no project ${project}.`);
    }
    if (member === undefined) return c.json(await whoCan(reader, vaultId, question, page), 200);
    const one = await accessOfOne(reader, vaultId, normalizeEmail(member), question);
    if (one === undefined) throw refuse('NotFound', `${member} is not a member.`);
    return c.json({ members: [one], next: null }, 200);
  });
  app.openapi(usage, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(reader, session, vaultId, 'viewUsage');
    const { plan } = await reader
      .selectFrom('vaults')
      .select('plan')
      .where('id', '=', vaultId)
      .executeTakeFirstOrThrow();
    const terms = planNamed(context.catalog, plan);
    return c.json(await usageOf(reader, vaultId, terms, context.clock.now()), 200);
  });
}
