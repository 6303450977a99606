import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import { type PeopleApp, type PeopleEnv, storedEmail, vaultId } from '../people-api/people-app.ts';
import { addAccountRoute, addOpenRoute } from '../people-api/people-route.ts';
import type { Proof } from '../sessions/proof.ts';
import { chooseVault, closeSession, noteProof, type Origin, openSession } from '../sessions/sessions.ts';
import { listSessions, revokeOthers, revokeSession } from './session-list.ts';
import type { PasskeyCheck } from './sign-in/passkey-check.ts';
import { assertion, requestOptions } from './sign-in/passkey-schemas.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';
import { code, password } from './sign-in/password-schemas.ts';

/** How people prove who they are. */
export interface Checks {
  readonly passwords: PasswordCheck;
  readonly passkeys: PasskeyCheck;
}

const opened = {
  status: 201,
  description: 'The token is answered once.',
  schema: z.object({
    token: z.string(),
    expiresAt: z.int(),
    vaultId: z.string().nullable(),
    userName: z.string(),
  }),
  isOneTime: true,
} as const;

const listed = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      createdAt: z.int(),
      lastSeenAt: z.int(),
      expiresAt: z.int(),
      source: z.string(),
      userAgent: z.string(),
      vaultId: z.string().nullable(),
      current: z.boolean(),
    }),
  ),
});

const challenge = {
  description: 'For `navigator.credentials.get`.',
  schema: requestOptions,
  isOneTime: true,
} as const;

export function sessionRoutes(app: PeopleApp, context: VaultContext, { passwords, passkeys }: Checks): void {
  const opening = async (c: Context<PeopleEnv>, proof: Proof, vaultId: string | null) => {
    const { token, expiresAt } = await openSession(context, proof, vaultId, originOfCaller(c, context));
    return { token, expiresAt, vaultId, userName: proof.account.userName };
  };

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/sessions',
    summary: 'Sign in with a password and the second factor where there is one, to one vault or to none yet',
    description:
      'Without `code`, 401 `SecondFactorNeeded` says to who knows the password that the account has a second factor.',
    body: z.strictObject({
      email: storedEmail,
      password,
      code: code.optional(),
      vaultId: vaultId.optional(),
    }),
    answer: opened,
    refuses: [401, 403, 409, 429, 503],
    run: async ({ body, c }) => {
      const { email, vaultId = null, ...given } = body;
      const proof = await passwords.prove(email, given, sourceOf(c.env.incoming, context.network));
      return opening(c, proof, vaultId);
    },
  });

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/sessions/passkey-challenge',
    summary:
      'What a browser asks an authenticator for, to sign in by a passkey; five minutes, for one answer',
    answer: challenge,
    refuses: [409, 429],
    run: async ({ c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      return requestOptions.parse(await passkeys.challenge({ purpose: 'sign-in', bound_to: source }));
    },
  });

  addOpenRoute(app, {
    method: 'post',
    path: '/api/v1/sessions/passkey',
    summary: 'Sign in by a passkey, which is password and second factor in one',
    body: z.strictObject({ passkey: assertion, vaultId: vaultId.optional() }),
    answer: opened,
    refuses: [401, 403, 409, 429],
    run: async ({ body: { passkey, vaultId = null }, c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      const proof = await passkeys.prove(passkey, { purpose: 'sign-in', bound_to: source }, source);
      return opening(c, proof, vaultId);
    },
  });

  addAccountRoute(app, context, {
    method: 'put',
    path: '/api/v1/sessions/current/vault',
    summary: 'Bind the session to another vault',
    body: z.strictObject({ vaultId }),
    answer: { description: 'Bound.' },
    refuses: [403],
    run: ({ session, body }) => chooseVault(context, session, body.vaultId),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/sessions/current/passkey-challenge',
    summary: 'The same, to prove oneself anew in this session',
    answer: challenge,
    run: async ({ session }) =>
      requestOptions.parse(await passkeys.challenge({ purpose: 'proof', bound_to: session.tokenHash })),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/sessions/current/proof',
    summary: 'Prove oneself anew; for five minutes the session may do what takes a recent proof (O1)',
    description: 'By the password, with the second factor where there is one, or by a passkey.',
    body: z.union([
      z.strictObject({ password, code: code.optional() }),
      z.strictObject({ passkey: assertion }),
    ]),
    answer: { description: 'Proven.' },
    refuses: [403, 503],
    run: async ({ session, body, c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      const proof =
        'passkey' in body
          ? await passkeys.prove(body.passkey, { purpose: 'proof', bound_to: session.tokenHash }, source)
          : await passwords.prove(session.account.email, body, source);
      await noteProof(context, session, proof);
    },
  });

  addAccountRoute(app, context, {
    method: 'delete',
    path: '/api/v1/sessions/current',
    summary: 'Sign out',
    answer: { description: 'The token is worth nothing any more.' },
    run: ({ session }) => closeSession(context, session),
  });

  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/sessions',
    summary: 'My open sessions, newest first',
    answer: {
      description: 'Times are milliseconds since the epoch, `lastSeenAt` to about five minutes.',
      schema: listed,
    },
    run: async ({ session }) => ({
      sessions: await listSessions(context.reader, session, context.clock.now()),
    }),
  });

  // After `sessions/current`, which is the id of none.
  addAccountRoute(app, context, {
    method: 'delete',
    path: '/api/v1/sessions/{sessionId}',
    summary: 'End one of my sessions',
    params: { sessionId: z.string().regex(/^sid_[A-Za-z0-9]{16}$/) },
    answer: { description: 'Its token is worth nothing any more.' },
    refuses: [404],
    run: ({ session, params, c }) =>
      revokeSession(context, session, params.sessionId, sourceOf(c.env.incoming, context.network)),
  });

  addAccountRoute(app, context, {
    method: 'delete',
    path: '/api/v1/sessions',
    summary: 'End all my sessions but this one',
    answer: { description: 'How many there were.', schema: z.object({ ended: z.int() }) },
    run: async ({ session, c }) => ({
      ended: await revokeOthers(context, session, sourceOf(c.env.incoming, context.network)),
    }),
  });
}

const LONGEST_USER_AGENT = 200;

function originOfCaller(c: Context<PeopleEnv>, { network }: Pick<VaultContext, 'network'>): Origin {
  const userAgent = (c.req.header('user-agent') ?? '').replaceAll(/[^\x20-\x7e]/g, '');
  return { source: sourceOf(c.env.incoming, network), userAgent: userAgent.slice(0, LONGEST_USER_AGENT) };
}
