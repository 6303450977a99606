import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import { displayedName, email, json, type PeopleApp, refusals } from '../../people-api/people-app.ts';
import { atEndOfSlot } from '../../sessions/constant-time-response.ts';
import { LONGEST_PASSWORD } from '../../sessions/password.ts';
import { SourceTally } from '../../sessions/unauthenticated-rate-limit.ts';
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

export function signUpRoutes(app: PeopleApp, context: VaultContext): void {
  const tally = new SourceTally();
  const count = (source: string): void => tally.count(source, context.clock.now());
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
