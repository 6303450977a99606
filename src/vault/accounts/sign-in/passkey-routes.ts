import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import {
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
} from '../../people-api/people-app.ts';
import { requireRecentProof } from '../../people-api/reauthentication.ts';
import { attestation, creationOptions } from './passkey-schemas.ts';
import { addPasskey, listPasskeys, offerPasskey, removePasskey, renamePasskey } from './passkeys.ts';

const PATH = '/api/v1/me/passkeys';

const params = z.object({
  passkeyId: z
    .string()
    .regex(/^psk_[A-Za-z0-9]{16}$/)
    .openapi({ param: { name: 'passkeyId', in: 'path' } }),
});

const list = createRoute({
  method: 'get',
  path: PATH,
  summary: 'My passkeys, oldest first',
  security: bearer,
  responses: {
    200: {
      description: 'Times are milliseconds since the epoch.',
      content: json(
        z.object({
          passkeys: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              createdAt: z.int(),
              lastUsedAt: z.int().nullable(),
              backedUp: z.boolean().describe('Copied to other devices of mine.'),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const offer = createRoute({
  method: 'post',
  path: `${PATH}/challenge`,
  summary: 'What a browser makes a passkey from; five minutes, for one answer; takes a recent proof',
  security: bearer,
  responses: {
    200: { description: 'For `navigator.credentials.create`.', content: json(creationOptions) },
    ...refusals,
  },
});

const add = createRoute({
  method: 'post',
  path: PATH,
  summary: 'Add the passkey that the browser made; takes a recent proof',
  security: bearer,
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ name: displayedName, passkey: attestation })),
    },
  },
  responses: {
    201: { description: 'It signs in from now on.', content: json(z.object({ id: z.string() })) },
    ...refusals,
  },
});

const rename = createRoute({
  method: 'put',
  path: `${PATH}/{passkeyId}`,
  summary: 'Rename a passkey',
  security: bearer,
  request: {
    params,
    body: { required: true, content: json(z.strictObject({ name: displayedName })) },
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

const remove = createRoute({
  method: 'delete',
  path: `${PATH}/{passkeyId}`,
  summary: 'Remove a passkey; takes a recent proof',
  security: bearer,
  request: { params },
  responses: { 204: { description: 'It signs in no longer.' }, ...refusals },
});

export function passkeyRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json({ passkeys: await listPasskeys(context.reader, account.id) }, 200);
  });
  app.openapi(offer, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const options = await offerPasskey(context, session);
    return c.json(creationOptions.parse(options), 200, { 'cache-control': 'no-store' });
  });
  app.openapi(add, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const { name, passkey } = c.req.valid('json');
    const source = sourceOf(c.env.incoming, context.network);
    return c.json(await addPasskey(context, session, { name, response: passkey }, source), 201);
  });
  app.openapi(rename, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    const { passkeyId: id } = c.req.valid('param');
    await renamePasskey(context, session, { id, name: c.req.valid('json').name }, source);
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    await removePasskey(context, session, c.req.valid('param').passkeyId, source);
    return c.body(null, 204);
  });
}
