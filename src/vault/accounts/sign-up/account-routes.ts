import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import { displayedName, email, type PeopleApp } from '../../people-api/people-app.ts';
import { addOpenRoute } from '../../people-api/people-route.ts';
import { padToTimeSlot } from '../../sessions/constant-time-response.ts';
import { UnauthenticatedRateLimit } from '../../sessions/unauthenticated-rate-limit.ts';
import { password } from '../sign-in/password-schemas.ts';
import { askForAccount, makeAccount } from './sign-ups.ts';

const newAccount = z.strictObject({
  token: z.string().regex(/^ver_[A-Za-z0-9_-]{43}$/),
  userName: displayedName,
  password,
});

export function accountRoutes(app: PeopleApp, context: VaultContext): void {
  const limit = new UnauthenticatedRateLimit();
  const count = (source: string): void => limit.count(source, context.clock.now());

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/accounts',
    summary: 'Ask for an account, or once more for its mail; answered alike whether there is one or not (I1)',
    body: z.strictObject({ email }),
    answer: { status: 202, description: 'What there is to say is mailed to the address.' },
    refuses: [403, 429, 503],
    run: async ({ body, c }) => {
      count(sourceOf(c.env.incoming, context.network));
      await padToTimeSlot(() => askForAccount(context, body.email));
    },
  });

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/accounts/verify',
    summary:
      'Make the account with the token that was mailed, once and within 24 hours; verifies the address (I1)',
    body: newAccount,
    answer: {
      status: 201,
      description: 'Made; sign in with POST /api/v1/sessions.',
      schema: z.object({ email: z.string(), userName: z.string() }),
    },
    refuses: [403, 404, 409, 422, 429, 503],
    run: async ({ body, c }) => {
      count(sourceOf(c.env.incoming, context.network));
      return makeAccount(context, body);
    },
  });
}
