import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../../act/context.ts';
import { sourceOf } from '../../http/network.ts';
import type { PeopleApp } from '../../people-api/people-app.ts';
import { addAccountRoute } from '../../people-api/people-route.ts';
import { noteSecondFactor } from '../../sessions/sessions.ts';
import { code } from './password-schemas.ts';
import {
  confirmSecondFactor,
  enrolSecondFactor,
  regenerateRecoveryCodes,
  removeSecondFactor,
  secondFactorState,
} from './second-factor.ts';

const state = z.object({
  state: z.enum(['None', 'Pending', 'Confirmed']),
  confirmedAt: z.int().nullable(),
  recoveryCodesLeft: z.int(),
});

const enrolled = z.object({ secret: z.string().describe('Base32.'), uri: z.string().describe('otpauth://') });

const recoveryCodes = {
  description: 'Ten codes, answered once; each works once.',
  schema: z.object({ recoveryCodes: z.array(z.string()) }),
  isOneTime: true,
} as const;

export function secondFactorRoutes(app: PeopleApp, context: VaultContext): void {
  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/second-factor',
    summary: 'Whether my account has a second factor, and how many recovery codes are left',
    answer: { description: '`Pending`: enrolled and not confirmed, so it does not count.', schema: state },
    run: ({ session }) => secondFactorState(context.reader, session.account.id),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/second-factor',
    summary: 'Enrol an authenticator app (TOTP, RFC 6238); takes a recent proof',
    proof: true,
    answer: {
      status: 201,
      description: 'Answered once. It counts once a code of it confirmed it.',
      schema: enrolled,
      isOneTime: true,
    },
    refuses: [503],
    run: ({ session, c }) =>
      enrolSecondFactor(context, { ...session, source: sourceOf(c.env.incoming, context.network) }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/second-factor/confirm',
    summary: 'Confirm it by a code of the app; takes a recent proof',
    proof: true,
    body: z.strictObject({ code }),
    answer: recoveryCodes,
    refuses: [503],
    run: async ({ session, body, c }) => {
      const proven = { ...session, source: sourceOf(c.env.incoming, context.network) };
      const codes = await confirmSecondFactor(context, proven, body.code, (db) =>
        noteSecondFactor(db, session),
      );
      return { recoveryCodes: codes };
    },
  });

  addAccountRoute(app, context, {
    method: 'delete',
    path: '/api/v1/me/second-factor',
    summary: 'Remove the second factor; takes a recent proof',
    proof: true,
    answer: { description: 'The password alone signs in.' },
    run: ({ session, c }) =>
      removeSecondFactor(context, { ...session, source: sourceOf(c.env.incoming, context.network) }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/second-factor/recovery-codes',
    summary: 'Ten other recovery codes; takes a recent proof',
    proof: true,
    answer: recoveryCodes,
    run: async ({ session, c }) => {
      const proven = { ...session, source: sourceOf(c.env.incoming, context.network) };
      return { recoveryCodes: await regenerateRecoveryCodes(context, proven) };
    },
  });
}
