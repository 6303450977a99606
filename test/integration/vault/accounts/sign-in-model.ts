/** What signing in has to answer, told by rules alone, and an account of a real server that is held against it. */
import { expect } from 'vitest';
import type { Authenticator } from '#test/builders/authenticator.ts';
import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { askNobody, newAccount } from '../world/people.ts';
import { type App, STEP } from '../world/second-factor.ts';

export const ORIGIN = 'https://vault.acme.example';

export type CodeKind =
  | 'none'
  | 'now'
  | 'before'
  | 'after'
  | 'wrong'
  | 'replayed'
  | 'removed'
  | 'recovery'
  | 'used';
export type PasskeyKind = 'right' | 'unverified' | 'replayed' | 'copied';

type By = 'Password' | 'SecondFactor' | 'Passkey';

/** What is known of an account without asking the server. */
export class Model {
  password = 'correct horse battery staple';
  hasFactor = false;
  /** Of the newest code that was taken. */
  lastStep = 0;
  wrongCodes = 0;
  waitsUntil = 0;
  lastCode = '000000';
  recovery: string[] = [];
  usedRecovery = 'AAAA-AAAA-AAAA-AAAA';
  /** Whether each passkey that was made is of the account still. */
  /** `isCounted`: the server has taken an answer with a count, which later ones must be beyond. */
  passkeys: { readonly index: number; isThere: boolean; isCounted: boolean }[] = [];
  sessions: By[] = [];
}

/** The last address that somebody signed in from. */
let source = 0;

/** The account at the server, and what its person holds. */
export class Real {
  readonly vault: TestVault;
  readonly clock: MovedClock;
  readonly email = `${crypto.randomUUID()}@acme.example`;
  app: App | null = null;
  removedApp: App | null = null;
  readonly authenticators: Authenticator[] = [];
  readonly ids: string[] = [];
  lastAnswer: object | null = null;

  constructor(vault: TestVault, clock: MovedClock) {
    this.vault = vault;
    this.clock = clock;
  }

  async start(): Promise<void> {
    await newAccount(this.vault, this.email);
  }

  /** From an address of its own each time, in all runs: the lock-out of one is another test's. */
  ask<Body = { code?: string; token?: string }>(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ) {
    source += 1;
    const bytes = [10, source >> 16, (source >> 8) & 255, source & 255];
    return askNobody<Body>(this.vault, method, path, body, {
      'x-forwarded-for': bytes.join('.'),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    });
  }

  async sessions(): Promise<string[]> {
    const rows = await this.vault.context.reader
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
      .select('proven_by')
      .where('email', '=', this.email)
      .execute();
    return rows.map(({ proven_by }) => proven_by);
  }
}

/** Signs in by a password and a kind of code, and holds the answer against the rules. */
export async function signIn(
  model: Model,
  real: Real,
  isPasswordRight: boolean,
  kind: CodeKind,
): Promise<string | null> {
  const now = real.clock.now();
  const { code, step } = codeOf(model, real, kind, now);
  const password = isPasswordRight ? model.password : 'not the password at all';
  const body = { email: real.email, password, ...(code === undefined ? {} : { code }) };
  const answer = await real.ask('POST', '/sessions', body);
  const expected = verdict();
  expect(answer.body.code ?? answer.status).toBe(expected);
  if (expected !== 201) return null;
  model.sessions.push(model.hasFactor ? 'SecondFactor' : 'Password');
  return answer.body.token ?? '';

  function verdict(): string | number {
    if (!isPasswordRight) return 'WrongPassword';
    if (!model.hasFactor) return 201;
    if (code === undefined) return 'SecondFactorNeeded';
    if (kind === 'used') return 'WrongCode';
    if (kind === 'recovery' && model.recovery.length > 0) {
      model.usedRecovery = model.recovery.shift() ?? '';
      return 201;
    }
    if (now < model.waitsUntil) return 'CodesWait';
    if (step !== null && step > model.lastStep) {
      Object.assign(model, { lastStep: step, lastCode: code, wrongCodes: 0, waitsUntil: 0 });
      return 201;
    }
    model.wrongCodes += 1;
    const over = model.wrongCodes - 10;
    model.waitsUntil = over < 0 ? 0 : now + 60_000 * Math.min(60, 2 ** over);
    return 'WrongCode';
  }
}

function codeOf(
  model: Model,
  { app, removedApp }: Real,
  kind: CodeKind,
  now: number,
): { readonly code: string | undefined; readonly step: number | null } {
  const step = Math.floor(now / STEP);
  const of = (off: number) => ({
    code: app === null ? '123456' : app.code(now + off * STEP),
    step: app === null ? null : step + off,
  });
  switch (kind) {
    case 'none':
      return { code: undefined, step: null };
    case 'now':
      return of(0);
    case 'before':
      return of(-1);
    case 'after':
      return of(1);
    case 'wrong':
      return { code: app?.wrong(now) ?? '123456', step: null };
    case 'replayed':
      return { code: model.lastCode, step: null };
    case 'removed':
      return { code: removedApp?.code(now) ?? '123456', step: null };
    case 'recovery':
      return { code: model.recovery[0] ?? '123456', step: null };
    case 'used':
      return { code: model.usedRecovery, step: null };
  }
}

/** A session that has just proved all that is in force: by passkey where there is one, or by password and code. */
export async function proven(model: Model, real: Real): Promise<string> {
  if (model.hasFactor) {
    real.clock.advance(Math.max(2 * STEP, model.waitsUntil - real.clock.now()));
  }
  const token = await signIn(model, real, true, model.hasFactor ? 'now' : 'none');
  if (token === null) throw new Error('the person cannot come in');
  return token;
}

/** Signs in by a passkey that was made at some time, in a kind of way. */
export async function signInByPasskey(
  model: Model,
  real: Real,
  pick: number,
  kind: PasskeyKind,
): Promise<void> {
  const passkey = model.passkeys[pick % Math.max(1, model.passkeys.length)];
  const authenticator = passkey === undefined ? undefined : real.authenticators[passkey.index];
  if (passkey === undefined || authenticator === undefined) return;
  const asked = await real.ask<Parameters<Authenticator['get']>[0]>('POST', '/sessions/passkey-challenge');
  const quirks = { unverified: { userVerified: false }, copied: { counter: 0 }, right: {}, replayed: {} };
  const counter = authenticator.credential?.counter ?? 0;
  const fresh = authenticator.get(asked.body, quirks[kind]);
  // A copy goes on from where it was taken; the true one does not know of it.
  if (kind === 'copied' && authenticator.credential !== null) authenticator.credential.counter = counter;
  const sent = kind === 'replayed' ? (real.lastAnswer ?? fresh) : fresh;
  const isRight = passkey.isThere && (kind === 'right' || (kind === 'replayed' && real.lastAnswer === null));
  const answer = await real.ask('POST', '/sessions/passkey', { passkey: sent });
  // Before its first count was taken there is nothing that another could fall behind.
  const isCopyTaken = passkey.isThere && kind === 'copied' && !passkey.isCounted;
  const expected = isRight || isCopyTaken ? 201 : 'PasskeyRefused';
  expect(answer.body.code ?? answer.status).toBe(expected);
  if (expected !== 201) return;
  if (isRight && authenticator.credential?.counter !== 0) passkey.isCounted = true;
  real.lastAnswer = sent;
  model.sessions.push('Passkey');
}
