import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import { requireMailServer } from '../mail/mail-server.ts';
import { type PeopleApp, storedEmail } from '../people-api/people-app.ts';
import { addOpenRoute } from '../people-api/people-route.ts';
import { padToTimeSlot } from '../sessions/constant-time-response.ts';
import { UnauthenticatedRateLimit } from '../sessions/unauthenticated-rate-limit.ts';
import { askForReset, resetPassword } from './password-change.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';
import { code, password } from './sign-in/password-schemas.ts';

const reset = z.strictObject({
  token: z.string().regex(/^rst_[A-Za-z0-9_-]{43}$/),
  newPassword: password,
  code: code.optional(),
});

export function passwordResetRoutes(app: PeopleApp, context: VaultContext, passwords: PasswordCheck): void {
  const resets = new UnauthenticatedRateLimit();

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/password-resets',
    summary:
      'Mail a token for another password to the address; answered alike whether it has an account or not',
    body: z.strictObject({ email: storedEmail }),
    answer: { status: 202, description: 'What there is to say is mailed to the address.' },
    refuses: [429, 503],
    run: async ({ body, c }) => {
      requireMailServer(context);
      const source = sourceOf(c.env.incoming, context.network);
      resets.count(source, context.clock.now());
      // Not begun after the answer: the next request would wait for it, longer where there is an account.
      await padToTimeSlot(() => askForReset(context, body.email, source));
    },
  });

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/password-resets/confirm',
    summary: 'Another password by the token that was mailed, and the second factor where there is one',
    description: 'Ends all sessions of the account and opens none.',
    body: reset,
    answer: { description: 'Changed; sign in with it.' },
    refuses: [401, 404, 409, 422, 429, 503],
    run: ({ body, c }) => resetPassword(context, passwords, body, sourceOf(c.env.incoming, context.network)),
  });
}
