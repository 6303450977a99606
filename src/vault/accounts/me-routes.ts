import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import { queryInteger } from '../http/query-integer.ts';
import { email, type PeopleApp } from '../people-api/people-app.ts';
import { addAccountRoute } from '../people-api/people-route.ts';
import { padToTimeSlot } from '../sessions/constant-time-response.ts';
import { listEvents } from '../sessions/events.ts';
import { deleteAccount } from './account-deletion.ts';
import { askForEmail, confirmEmail } from './email-change.ts';
import { changePassword } from './password-change.ts';
import { password } from './sign-in/password-schemas.ts';

const MOST_EVENTS = 200;

const eventQuery = z.object({
  before: z.string().max(64).optional().describe('Id of an event: those that are older.'),
  limit: queryInteger(1, MOST_EVENTS).default(50),
});

const listed = z.object({
  events: z.array(
    z.object({
      id: z.string(),
      at: z.int(),
      action: z.string(),
      source: z.string(),
      about: z.string().nullable(),
    }),
  ),
});

export function meRoutes(app: PeopleApp, context: VaultContext): void {
  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/events',
    summary: 'What happened to my account, newest first: signing in, codes, passkeys, password and address',
    query: eventQuery,
    answer: {
      description: 'Of a year. `about`: the passkey, address or session concerned.',
      schema: listed,
    },
    run: async ({ session, query }) => ({
      events: await listEvents(context.reader, session.account.id, query),
    }),
  });

  addAccountRoute(app, context, {
    method: 'put',
    path: '/api/v1/me/password',
    summary: 'Another password; ends my other sessions; takes a recent proof',
    proof: true,
    body: z.strictObject({ newPassword: password }),
    answer: { description: 'Changed.' },
    run: ({ session, body, c }) =>
      changePassword(context, session, body.newPassword, sourceOf(c.env.incoming, context.network)),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/email',
    summary:
      'Ask for another address: a token is mailed there, and a notice to the present one; takes a recent proof',
    proof: true,
    body: z.strictObject({ email }),
    answer: { status: 202, description: 'The same whether or not that address has an account.' },
    refuses: [503],
    run: ({ session, body, c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      // Whether the address has an account is told to who reads the mail there, and by no delay (I1).
      return padToTimeSlot(() => askForEmail(context, session, body.email, source));
    },
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/email/confirm',
    summary: 'Confirm the other address by the token that was mailed there',
    description: 'Memberships stay under the address that they were approved for.',
    body: z.strictObject({ token: z.string().regex(/^adr_[A-Za-z0-9_-]{43}$/) }),
    answer: { description: 'Sign in with it from now on.', schema: z.object({ email: z.string() }) },
    refuses: [404],
    run: ({ session, body, c }) =>
      confirmEmail(context, session, body.token, sourceOf(c.env.incoming, context.network)),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/deletion',
    summary: 'Delete my account; takes a recent proof',
    description: 'Refused while it owns an organization or vault. Memberships end; the audit logs stay.',
    proof: true,
    body: z.strictObject({ confirm: z.literal('DELETE') }),
    answer: { description: 'Gone.' },
    run: ({ session }) => deleteAccount(context, session),
  });
}
