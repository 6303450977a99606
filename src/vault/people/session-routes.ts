import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { type Tallies, talliesOf } from '../lockout.ts';
import { sourceOf } from '../network.ts';
import { type Account, accountByPassword } from './accounts.ts';
import { bearer, email, json, type PeopleApp, refusals, signedIn, vaultId } from './http.ts';
import { LONGEST_PASSWORD } from './password.ts';
import { chooseVault, closeSession, noteProof, openSession } from './sessions.ts';

const password = z.string().min(1).max(LONGEST_PASSWORD);

const open = createRoute({
  method: 'post',
  path: '/api/v1/sessions',
  summary: 'Sign in with a password, to one vault or to none yet',
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ email, password, vaultId: vaultId.optional() })),
    },
  },
  responses: {
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
  },
});

const choose = createRoute({
  method: 'put',
  path: '/api/v1/sessions/current/vault',
  summary: 'Bind the session to another vault',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ vaultId })) } },
  responses: { 204: { description: 'Bound.' }, ...refusals },
});

const prove = createRoute({
  method: 'post',
  path: '/api/v1/sessions/current/proof',
  summary: 'Prove the password anew; for five minutes the session may do what takes a recent proof',
  security: bearer,
  request: { body: { required: true, content: json(z.strictObject({ password })) } },
  responses: { 204: { description: 'Proven.' }, ...refusals },
});

const close = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/current',
  summary: 'Sign out',
  security: bearer,
  responses: { 204: { description: 'The token is worth nothing any more.' }, ...refusals },
});

/** Proves a password anew: for signing in, and for what an owner may do only so. */
export class PasswordCheck {
  readonly #context: Pick<VaultContext, 'reader' | 'clock'>;
  readonly #lockout: Tallies;
  /** The last attempt under way, by identity and source. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(context: Pick<VaultContext, 'reader' | 'bookkeep' | 'hasReplicas' | 'clock'>) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'people');
  }

  /** Throws DomainError `LockedOut` (V7) and `WrongPassword`, the same whether or not there is an account. */
  async prove(address: string, given: string, source: string): Promise<Account> {
    const identity = address.trim().toLowerCase();
    await this.#refuseLocked(identity, source);
    // One after the other: guesses that come at once would all be made before the first one counted.
    const pair = `${identity} ${source}`;
    const before = this.#underWay.get(pair) ?? Promise.resolve();
    const attempt = before.then(() => this.#attempt(identity, given, source));
    const ended = attempt.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(pair, ended);
    try {
      return await attempt;
    } finally {
      if (this.#underWay.get(pair) === ended) this.#underWay.delete(pair);
    }
  }

  async #attempt(identity: string, given: string, source: string): Promise<Account> {
    await this.#refuseLocked(identity, source);
    const account = await accountByPassword(this.#context.reader, identity, given);
    if (account === null) {
      await this.#lockout.failed(identity, source, this.#context.clock.now());
      throw new DomainError({ code: 'WrongPassword', status: 401, detail: 'Address or password is wrong.' });
    }
    await this.#lockout.succeeded(identity, source);
    return account;
  }

  async #refuseLocked(identity: string, source: string): Promise<void> {
    const now = this.#context.clock.now();
    if (await this.#lockout.isLocked(identity, source, now)) {
      throw new DomainError({
        code: 'LockedOut',
        status: 429,
        detail: 'Too many failed attempts for this address.',
        next: 'Wait a minute.',
        retryAfter: 60,
      });
    }
  }
}

export function sessionRoutes(app: PeopleApp, context: VaultContext, passwords: PasswordCheck): void {
  app.openapi(open, async (c) => {
    const body = c.req.valid('json');
    const account = await passwords.prove(
      body.email,
      body.password,
      sourceOf(c.env.incoming, context.network),
    );
    const chosen = body.vaultId ?? null;
    const { token, expiresAt } = await openSession(context, account, chosen);
    c.header('cache-control', 'no-store');
    return c.json({ token, expiresAt, vaultId: chosen, userName: account.userName }, 201);
  });
  app.openapi(choose, async (c) => {
    await chooseVault(context, await signedIn(c, context), c.req.valid('json').vaultId);
    return c.body(null, 204);
  });
  app.openapi(prove, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    await passwords.prove(session.account.email, c.req.valid('json').password, source);
    await noteProof(context, session);
    return c.body(null, 204);
  });
  app.openapi(close, async (c) => {
    await closeSession(context, await signedIn(c, context));
    return c.body(null, 204);
  });
}
