import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import { bearer, json, type PeopleApp, refusals, signedIn } from '../../people-api/people-app.ts';
import { requireRecentProof } from '../../people-api/reauthentication.ts';
import { noteSecondFactor } from '../../sessions/sessions.ts';
import { code } from './password-schemas.ts';

import {
  confirmSecondFactor,
  enrolSecondFactor,
  regenerateRecoveryCodes,
  removeSecondFactor,
  secondFactorState,
} from './second-factor.ts';

const PATH = '/api/v1/me/second-factor';

const recoveryCodes = {
  200: {
    description: 'Ten codes, answered once; each works once.',
    content: json(z.object({ recoveryCodes: z.array(z.string()) })),
  },
  ...refusals,
};

const show = createRoute({
  method: 'get',
  path: PATH,
  summary: 'Whether my account has a second factor, and how many recovery codes are left',
  security: bearer,
  responses: {
    200: {
      description: '`Pending`: enrolled and not confirmed, so it does not count.',
      content: json(
        z.object({
          state: z.enum(['None', 'Pending', 'Confirmed']),
          confirmedAt: z.int().nullable(),
          recoveryCodesLeft: z.int(),
        }),
      ),
    },
    ...refusals,
  },
});

const enrol = createRoute({
  method: 'post',
  path: PATH,
  summary: 'Enrol an authenticator app (TOTP, RFC 6238); takes a recent proof',
  security: bearer,
  responses: {
    201: {
      description: 'Answered once. It counts once a code of it confirmed it.',
      content: json(
        z.object({ secret: z.string().describe('Base32.'), uri: z.string().describe('otpauth://') }),
      ),
    },
    ...refusals,
  },
});

const confirm = createRoute({
  method: 'post',
  path: `${PATH}/confirm`,
  summary: 'Confirm it by a code of the app; takes a recent proof',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ code })) } },
  responses: recoveryCodes,
});

const remove = createRoute({
  method: 'delete',
  path: PATH,
  summary: 'Remove the second factor; takes a recent proof',
  security: bearer,
  responses: { 204: { description: 'The password alone signs in.' }, ...refusals },
});

const regenerate = createRoute({
  method: 'post',
  path: `${PATH}/recovery-codes`,
  summary: 'Ten other recovery codes; takes a recent proof',
  security: bearer,
  responses: recoveryCodes,
});

export function secondFactorRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(show, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await secondFactorState(context.reader, account.id), 200);
  });
  app.openapi(enrol, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    c.header('cache-control', 'no-store');
    return c.json(await enrolSecondFactor(context, { ...session, source }), 201);
  });
  app.openapi(confirm, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    const recoveryCodes = await confirmSecondFactor(
      context,
      { ...session, source },
      c.req.valid('json').code,
      (db) => noteSecondFactor(db, session),
    );
    c.header('cache-control', 'no-store');
    return c.json({ recoveryCodes }, 200);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    await removeSecondFactor(context, { ...session, source });
    return c.body(null, 204);
  });
  app.openapi(regenerate, async (c) => {
    const session = await signedIn(c, context);
    requireRecentProof(session, context.clock.now());
    const source = sourceOf(c.env.incoming, context.network);
    const recoveryCodes = await regenerateRecoveryCodes(context, { ...session, source });
    c.header('cache-control', 'no-store');
    return c.json({ recoveryCodes }, 200);
  });
}
