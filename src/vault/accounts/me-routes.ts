import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import { requireMailServer } from '../mail/mail-server.ts';
import { bearer, email, json, type PeopleApp, refusals, signedIn } from '../people-api/people-app.ts';
import { requireRecentProof } from '../people-api/reauthentication.ts';
import { atEndOfSlot } from '../sessions/constant-time-response.ts';
import { listEvents } from '../sessions/events.ts';
import { SourceTally } from '../sessions/unauthenticated-rate-limit.ts';
import { deleteAccount } from './account-deletion.ts';
import { askForEmail, confirmEmail } from './email-change.ts';
import { askForReset, changePassword, resetPassword } from './password-change.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';
import { code, password } from './sign-in/password-schemas.ts';

const MOST_EVENTS = 200;

const events = createRoute({
  method: 'get',
  path: '/api/v1/me/events',
  summary: 'What happened to my account, newest first: signing in, codes, passkeys, password and address',
  security: bearer,
  request: {
    query: z.object({
      before: z.string().max(64).optional().openapi({ description: 'Id of an event: those that are older.' }),
      limit: z.coerce.number().int().min(1).max(MOST_EVENTS).default(50),
    }),
  },
  responses: {
    200: {
      description: 'Of a year. `about`: the passkey, address or session concerned.',
      content: json(
        z.object({
          events: z.array(
            z.object({
              id: z.string(),
              at: z.int(),
              action: z.string(),
              source: z.string(),
              about: z.string().nullable(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const change = createRoute({
  method: 'put',
  path: '/api/v1/me/password',
  summary: 'Another password; ends my other sessions; takes a recent proof',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ newPassword: password })) } },
  responses: { 204: { description: 'Changed.' }, ...refusals },
});

const askReset = createRoute({
  method: 'post',
  path: '/api/v1/password-resets',
  summary:
    'Mail a token for another password to the address; answered alike whether it has an account or not',
  request: { body: { required: true, content: json(z.strictObject({ email })) } },
  responses: { 202: { description: 'What there is to say is mailed to the address.' }, ...refusals },
});

const reset = createRoute({
  method: 'post',
  path: '/api/v1/password-resets/confirm',
  summary: 'Another password by the token that was mailed, and the second factor where there is one',
  description: 'Ends all sessions of the account and opens none.',
  request: {
    body: {
      required: true,
      content: json(
        z.strictObject({
          token: z.string().regex(/^rst_[A-Za-z0-9_-]{43}$/),
          newPassword: password,
          code: code.optional(),
        }),
      ),
    },
  },
  responses: { 204: { description: 'Changed; sign in with it.' }, ...refusals },
});

const askEmail = createRoute({
  method: 'post',
  path: '/api/v1/me/email',
  summary:
    'Ask for another address: a token is mailed there, and a notice to the present one; takes a recent proof',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ email })) } },
  responses: { 202: { description: 'The same whether or not that address has an account.' }, ...refusals },
});

const confirm = createRoute({
  method: 'post',
  path: '/api/v1/me/email/confirm',
  summary: 'Confirm the other address by the token that was mailed there',
  description: 'Memberships stay under the address that they were approved for.',
  security: bearer,
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ token: z.string().regex(/^adr_[A-Za-z0-9_-]{43}$/) })),
    },
  },
  responses: {
    200: { description: 'Sign in with it from now on.', content: json(z.object({ email: z.string() })) },
    ...refusals,
  },
});

const remove = createRoute({
  method: 'post',
  path: '/api/v1/me/deletion',
  summary: 'Delete my account; takes a recent proof',
  description: 'Refused while it owns an organization or vault. Memberships end; the audit logs stay.',
  security: bearer,
  request: {
    body: { required: true, content: json(z.strictObject({ confirm: z.literal('DELETE') })) },
  },
  responses: { 204: { description: 'Gone.' }, ...refusals },
});

export function accountRoutes(app: PeopleApp, context: VaultContext, passwords: PasswordCheck): void {
  app.openapi(events, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json({ events: await listEvents(context.reader, account.id, c.req.valid('query')) }, 200);
  });
  app.openapi(change, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    await changePassword(context, session, c.req.valid('json').newPassword, source);
    return c.body(null, 204);
  });
  const resets = new SourceTally();
  app.openapi(askReset, async (c) => {
    requireMailServer(context);
    const source = sourceOf(c.env.incoming, context.network);
    resets.count(source, context.clock.now());
    // Not begun after the answer: the next request would wait for it, longer where there is an account.
    await atEndOfSlot(() => askForReset(context, c.req.valid('json').email, source));
    return c.body(null, 202);
  });
  app.openapi(reset, async (c) => {
    const source = sourceOf(c.env.incoming, context.network);
    await resetPassword(context, passwords, c.req.valid('json'), source);
    return c.body(null, 204);
  });
  app.openapi(askEmail, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    // Whether the address has an account is told to who reads the mail there, and by no delay (I1).
    await atEndOfSlot(() => askForEmail(context, session, c.req.valid('json').email, source));
    return c.body(null, 202);
  });
  app.openapi(confirm, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    return c.json(await confirmEmail(context, session, c.req.valid('json').token, source), 200);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    await deleteAccount(context, session);
    return c.body(null, 204);
  });
}
