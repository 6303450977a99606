import { createRoute, z } from '@hono/zod-openapi';
import { hasCell } from '../../model/access.ts';
import { SecretValue } from '../../model/secret-value.ts';
import type { VaultContext } from '../domain/context.ts';
import { actAs, authorized } from './caller.ts';
import { bearer, displayedName, json, type PeopleApp, refusals, signedIn, vaultId } from './http.ts';
import { fieldsOf, LARGEST_VALUE, listSecrets, setByPerson } from './secret-values.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/secrets',
  summary: 'Secrets of the projects that I may see: metadata, never values (V8)',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description: 'Sorted by project and name.',
      content: json(
        z.object({
          secrets: z.array(
            z.object({
              id: z.string(),
              project: z.string(),
              name: z.string(),
              version: z.int(),
              fieldNames: z.array(z.string()).readonly().nullable(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const text = z.string().max(LARGEST_VALUE);
const fieldName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9._-]+$/);

const set = createRoute({
  method: 'put',
  path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
  summary: 'Set the value of a secret, plain or by fields; makes the secret where there is none (V8)',
  security: bearer,
  request: {
    params: z.object({
      vaultId,
      project: displayedName.openapi({ param: { name: 'project', in: 'path' } }),
      name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
    }),
    body: {
      required: true,
      content: json(
        z.union([
          z.strictObject({ value: text }),
          z.strictObject({
            fields: z
              .array(z.strictObject({ name: fieldName, value: text }))
              .min(1)
              .max(100),
          }),
        ]),
      ),
    },
  },
  responses: {
    200: { description: 'Stored.', content: json(z.object({ id: z.string(), version: z.int() })) },
    ...refusals,
  },
});

export function secretRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { access } = await authorized(context.reader, session, vaultId, 'listSecrets');
    const secrets = await listSecrets(context.reader, vaultId);
    return c.json(
      { secrets: secrets.filter(({ project }) => hasCell(access, 'Secrets: View', project)) },
      200,
    );
  });
  app.openapi(set, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const body = c.req.valid('json');
    const content =
      'value' in body
        ? new SecretValue(body.value)
        : fieldsOf(body.fields.map((field) => [field.name, new SecretValue(field.value)] as const));
    const stored = await actAs(context, session, { vaultId, operation: 'setSecret', project }, (act) =>
      setByPerson(act, project, name, content),
    );
    return c.json(stored, 200);
  });
}
