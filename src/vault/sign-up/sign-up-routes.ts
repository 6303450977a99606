import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { Lockout } from '../lockout.ts';
import { sourceOf } from '../network.ts';
import { atEndOfSlot } from '../people/even-answer.ts';
import { displayedName, email, json, type PeopleApp, refusals } from '../people/http.ts';
import { LONGEST_PASSWORD } from '../people/password.ts';
import { askForAccount, makeAccount } from './sign-ups.ts';

const ask = createRoute({
  method: 'post',
  path: '/api/v1/accounts',
  summary: 'Ask for an account, or once more for its mail; answered alike whether there is one or not (I1)',
  request: { body: { required: true, content: json(z.strictObject({ email })) } },
  responses: { 202: { description: 'What there is to say is mailed to the address.' }, ...refusals },
});

const verify = createRoute({
  method: 'post',
  path: '/api/v1/accounts/verify',
  summary:
    'Make the account with the token that was mailed, once and within 24 hours; verifies the address (I1)',
  request: {
    body: {
      required: true,
      content: json(
        z.strictObject({
          token: z.string().regex(/^ver_[A-Za-z0-9_-]{43}$/),
          userName: displayedName,
          password: z.string().min(1).max(LONGEST_PASSWORD),
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'Made; sign in with POST /api/v1/sessions.',
      content: json(z.object({ email: z.string(), userName: z.string() })),
    },
    ...refusals,
  },
});

/** Requests a minute of one source, at each replica. */
const REQUESTS = 60;
const MINUTE = 60_000;

export function signUpRoutes(app: PeopleApp, context: VaultContext): void {
  const tally = new Lockout({ failures: REQUESTS, window: MINUTE, lock: MINUTE, remembered: 20_000 });
  const count = (source: string): void => {
    const now = context.clock.now();
    if (tally.isLocked('sign-up', source, now)) throw tooMany();
    tally.failed('sign-up', source, now);
  };
  app.openapi(ask, async (c) => {
    count(sourceOf(c.env.incoming, context.network));
    await atEndOfSlot(() => askForAccount(context, c.req.valid('json').email));
    return c.body(null, 202);
  });
  app.openapi(verify, async (c) => {
    count(sourceOf(c.env.incoming, context.network));
    return c.json(await makeAccount(context, c.req.valid('json')), 201);
  });
}

function tooMany(): DomainError {
  return new DomainError({
    code: 'LockedOut',
    status: 429,
    detail: 'Too many requests from this address.',
    next: 'Wait a minute.',
    retryAfter: 60,
  });
}
