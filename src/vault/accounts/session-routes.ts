import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import {
  bearer,
  email,
  json,
  type PeopleApp,
  type PeopleEnv,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { LONGEST_PASSWORD } from '../sessions/password.ts';
import type { Proof } from '../sessions/proof.ts';
import { chooseVault, closeSession, noteProof, type Origin, openSession } from '../sessions/sessions.ts';
import type { PasskeyCheck } from './sign-in/passkey-check.ts';
import { assertion, requestOptions } from './sign-in/passkey-schemas.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';

export const password = z.string().min(1).max(LONGEST_PASSWORD);
export const code = z
  .string()
  .min(6)
  .max(32)
  .describe('Six digits of the authenticator app, or a recovery code.');

const opened = {
  201: {
    description: 'The token is answered once.',
    content: json(
      z.object({
        token: z.string(),
        expiresAt: z.int(),
        vaultId: z.string().nullable(),
        userName: z.string(),
      }),
    ),
  },
  ...refusals,
};

const open = createRoute({
  method: 'post',
  path: '/api/v1/sessions',
  summary: 'Sign in with a password and the second factor where there is one, to one vault or to none yet',
  description:
    'Without `code`, 401 `SecondFactorNeeded` says to who knows the password that the account has a second factor.',
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ email, password, code: code.optional(), vaultId: vaultId.optional() })),
    },
  },
  responses: opened,
});

const challenge = createRoute({
  method: 'post',
  path: '/api/v1/sessions/passkey-challenge',
  summary: 'What a browser asks an authenticator for, to sign in by a passkey; five minutes, for one answer',
  responses: {
    200: { description: 'For `navigator.credentials.get`.', content: json(requestOptions) },
    ...refusals,
  },
});

const openByPasskey = createRoute({
  method: 'post',
  path: '/api/v1/sessions/passkey',
  summary: 'Sign in by a passkey, which is password and second factor in one',
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ passkey: assertion, vaultId: vaultId.optional() })),
    },
  },
  responses: opened,
});

const choose = createRoute({
  method: 'put',
  path: '/api/v1/sessions/current/vault',
  summary: 'Bind the session to another vault',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ vaultId })) } },
  responses: { 204: { description: 'Bound.' }, ...refusals },
});

const challengeProof = createRoute({
  method: 'post',
  path: '/api/v1/sessions/current/passkey-challenge',
  summary: 'The same, to prove oneself anew in this session',
  security: bearer,
  responses: {
    200: { description: 'For `navigator.credentials.get`.', content: json(requestOptions) },
    ...refusals,
  },
});

const prove = createRoute({
  method: 'post',
  path: '/api/v1/sessions/current/proof',
  summary: 'Prove oneself anew; for five minutes the session may do what takes a recent proof (O1)',
  description: 'By the password, with the second factor where there is one, or by a passkey.',
  security: bearer,
  request: {
    body: {
      required: true,
      content: json(
        z.union([
          z.strictObject({ password, code: code.optional() }),
          z.strictObject({ passkey: assertion }),
        ]),
      ),
    },
  },
  responses: { 204: { description: 'Proven.' }, ...refusals },
});

const close = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/current',
  summary: 'Sign out',
  security: bearer,
  responses: { 204: { description: 'The token is worth nothing any more.' }, ...refusals },
});

/** How people prove who they are. */
export interface Checks {
  readonly passwords: PasswordCheck;
  readonly passkeys: PasskeyCheck;
}

export function sessionRoutes(app: PeopleApp, context: VaultContext, { passwords, passkeys }: Checks): void {
  const opening = async (c: Context<PeopleEnv>, proof: Proof, vaultId: string | null) => {
    const { token, expiresAt } = await openSession(context, proof, vaultId, originOfCaller(c, context));
    c.header('cache-control', 'no-store');
    return { token, expiresAt, vaultId, userName: proof.account.userName };
  };
  app.openapi(open, async (c) => {
    const { email, vaultId = null, ...given } = c.req.valid('json');
    const proof = await passwords.prove(email, given, sourceOf(c.env.incoming, context.network));
    return c.json(await opening(c, proof, vaultId), 201);
  });
  app.openapi(challenge, async (c) => {
    const source = sourceOf(c.env.incoming, context.network);
    const options = await passkeys.challenge({ purpose: 'sign-in', bound_to: source });
    return c.json(requestOptions.parse(options), 200, { 'cache-control': 'no-store' });
  });
  app.openapi(openByPasskey, async (c) => {
    const { passkey, vaultId = null } = c.req.valid('json');
    const source = sourceOf(c.env.incoming, context.network);
    const proof = await passkeys.prove(passkey, { purpose: 'sign-in', bound_to: source }, source);
    return c.json(await opening(c, proof, vaultId), 201);
  });
  app.openapi(choose, async (c) => {
    await chooseVault(context, await signedIn(c, context), c.req.valid('json').vaultId);
    return c.body(null, 204);
  });
  app.openapi(challengeProof, async (c) => {
    const session = await signedIn(c, context);
    const options = await passkeys.challenge({ purpose: 'proof', bound_to: session.tokenHash });
    return c.json(requestOptions.parse(options), 200, { 'cache-control': 'no-store' });
  });
  app.openapi(prove, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    const given = c.req.valid('json');
    const proof =
      'passkey' in given
        ? await passkeys.prove(given.passkey, { purpose: 'proof', bound_to: session.tokenHash }, source)
        : await passwords.prove(session.account.email, given, source);
    await noteProof(context, session, proof);
    return c.body(null, 204);
  });
  app.openapi(close, async (c) => {
    await closeSession(context, await signedIn(c, context));
    return c.body(null, 204);
  });
}

const LONGEST_USER_AGENT = 200;

function originOfCaller(c: Context<PeopleEnv>, { network }: Pick<VaultContext, 'network'>): Origin {
  const userAgent = (c.req.header('user-agent') ?? '').replaceAll(/[^\x20-\x7e]/g, '');
  return { source: sourceOf(c.env.incoming, network), userAgent: userAgent.slice(0, LONGEST_USER_AGENT) };
}
