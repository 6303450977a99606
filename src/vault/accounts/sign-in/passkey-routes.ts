import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import { displayedName, type PeopleApp } from '../../people-api/people-app.ts';
import { addAccountRoute } from '../../people-api/people-route.ts';
import { attestation, creationOptions } from './passkey-schemas.ts';
import { addPasskey, listPasskeys, offerPasskey, removePasskey, renamePasskey } from './passkeys.ts';

const ofPasskey = { passkeyId: z.string().regex(/^psk_[A-Za-z0-9]{16}$/) };

const listed = z.object({
  passkeys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      createdAt: z.int(),
      lastUsedAt: z.int().nullable(),
      backedUp: z.boolean().describe('Copied to other devices of mine.'),
    }),
  ),
});

export function passkeyRoutes(app: PeopleApp, context: VaultContext): void {
  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/passkeys',
    summary: 'My passkeys, oldest first',
    answer: { description: 'Times are milliseconds since the epoch.', schema: listed },
    run: async ({ session }) => ({ passkeys: await listPasskeys(context.reader, session.account.id) }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/passkeys/challenge',
    summary: 'What a browser makes a passkey from; five minutes, for one answer; takes a recent proof',
    proof: true,
    answer: {
      description: 'For `navigator.credentials.create`.',
      schema: creationOptions,
      isOneTime: true,
    },
    run: async ({ session }) => creationOptions.parse(await offerPasskey(context, session)),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/passkeys',
    summary: 'Add the passkey that the browser made; takes a recent proof',
    proof: true,
    body: z.strictObject({ name: displayedName, passkey: attestation }),
    answer: {
      status: 201,
      description: 'It signs in from now on.',
      schema: z.object({ id: z.string() }),
    },
    run: ({ session, body: { name, passkey }, c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      return addPasskey(context, session, { name, response: passkey }, source);
    },
  });

  addAccountRoute(app, context, {
    method: 'put',
    path: '/api/v1/me/passkeys/{passkeyId}',
    summary: 'Rename a passkey',
    params: ofPasskey,
    body: z.strictObject({ name: displayedName }),
    refuses: [404],
    run: ({ session, params: { passkeyId: id }, body: { name }, c }) =>
      renamePasskey(context, session, { id, name }, sourceOf(c.env.incoming, context.network)),
  });

  addAccountRoute(app, context, {
    method: 'delete',
    path: '/api/v1/me/passkeys/{passkeyId}',
    summary: 'Remove a passkey; takes a recent proof',
    params: ofPasskey,
    proof: true,
    answer: { description: 'It signs in no longer.' },
    refuses: [404],
    run: ({ session, params, c }) =>
      removePasskey(context, session, params.passkeyId, sourceOf(c.env.incoming, context.network)),
  });
}
