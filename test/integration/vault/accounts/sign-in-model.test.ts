import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Authenticator } from '#test/builders/authenticator.ts';
import { MovedClock, startTestVault } from '#test/builders/vault.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { App, STEP } from '../world/second-factor.ts';
import {
  type CodeKind,
  Model,
  ORIGIN,
  type PasskeyKind,
  proven,
  Real,
  signIn,
  signInByPasskey,
} from './sign-in-model.ts';

/** A thing that a person or a guesser does; after each the open sessions are those that the rules allow. */
class Doing implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;
  readonly #run: (model: Model, real: Real) => Promise<void>;

  constructor(name: string, run: (model: Model, real: Real) => Promise<void>) {
    this.#name = name;
    this.#run = run;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.#run(model, real);
    expect((await real.sessions()).sort()).toEqual([...model.sessions].sort());
  }
  toString(): string {
    return this.#name;
  }
}

const attempts = fc
  .record({
    isPasswordRight: fc.constantFrom(true, true, true, true, false),
    kind: fc.constantFrom<CodeKind>(
      ...(['none', 'now', 'before', 'after', 'wrong', 'replayed', 'removed', 'recovery', 'used'] as const),
    ),
  })
  .map(
    ({ isPasswordRight, kind }) =>
      new Doing(
        `sign in, ${isPasswordRight ? 'right' : 'wrong'} password, code ${kind}`,
        async (model, real) => {
          await signIn(model, real, isPasswordRight, kind);
        },
      ),
  );

const guesses = fc.integer({ min: 2, max: 12 }).map(
  (count) =>
    new Doing(`${count} wrong codes`, async (model, real) => {
      for (let n = 0; n < count; n += 1) await signIn(model, real, true, 'wrong');
    }),
);

const passkeyAttempts = fc
  .record({
    pick: fc.nat({ max: 5 }),
    kind: fc.constantFrom<PasskeyKind>('right', 'right', 'unverified', 'replayed', 'copied'),
  })
  .map(
    ({ pick, kind }) =>
      new Doing(`sign in by passkey ${pick}, ${kind}`, (model, real) =>
        signInByPasskey(model, real, pick, kind),
      ),
  );

const time = fc
  .integer({ min: 1, max: 4 })
  .map((steps) => new Doing(`${steps} steps later`, async (_, real) => real.clock.advance(steps * STEP)));

const enrolling = fc
  .boolean()
  .map(
    (isConfirmed) =>
      new Doing(isConfirmed ? 'enrol and confirm' : 'enrol, and fail to confirm', (model, real) =>
        enrol(model, real, isConfirmed),
      ),
  );

async function enrol(model: Model, real: Real, isConfirmed: boolean): Promise<void> {
  const token = await proven(model, real);
  const enrolled = await real.ask<{ secret: string }>('POST', '/me/second-factor', undefined, token);
  expect(enrolled.status).toBe(model.hasFactor ? 409 : 201);
  if (model.hasFactor) return;
  const app = new App(enrolled.body.secret);
  const now = real.clock.now();
  const code = isConfirmed ? app.code(now) : app.wrong(now);
  const confirmed = await real.ask<{ recoveryCodes: string[] }>(
    'POST',
    '/me/second-factor/confirm',
    { code },
    token,
  );
  expect(confirmed.status).toBe(isConfirmed ? 200 : 401);
  if (!isConfirmed) return;
  real.app = app;
  model.sessions[model.sessions.length - 1] = 'SecondFactor';
  Object.assign(model, {
    hasFactor: true,
    lastStep: Math.floor(now / STEP),
    lastCode: code,
    wrongCodes: 0,
    waitsUntil: 0,
    recovery: confirmed.body.recoveryCodes,
  });
}

const removing = fc.constant(
  new Doing('remove the second factor', async (model, real) => {
    const token = await proven(model, real);
    const removed = await real.ask('DELETE', '/me/second-factor', undefined, token);
    // What was never confirmed goes too, and changes nothing.
    if (model.hasFactor) expect(removed.status).toBe(204);
    else expect([204, 409]).toContain(removed.status);
    if (!model.hasFactor) return;
    real.removedApp = real.app;
    real.app = null;
    model.sessions = model.sessions.map((by) => (by === 'SecondFactor' ? 'Password' : by));
    Object.assign(model, { hasFactor: false, recovery: [] });
  }),
);

const regenerating = fc.constant(
  new Doing('other recovery codes', async (model, real) => {
    const token = await proven(model, real);
    const made = await real.ask<{ recoveryCodes: string[] }>(
      'POST',
      '/me/second-factor/recovery-codes',
      undefined,
      token,
    );
    expect(made.status).toBe(model.hasFactor ? 200 : 409);
    if (!model.hasFactor) return;
    model.usedRecovery = model.recovery[0] ?? model.usedRecovery;
    model.recovery = made.body.recoveryCodes;
  }),
);

const addingPasskey = fc.constantFrom('ES256', 'EdDSA').map(
  (algorithm) =>
    new Doing(`add a passkey of ${algorithm}`, async (model, real) => {
      const token = await proven(model, real);
      const authenticator = new Authenticator(ORIGIN, { algorithm: algorithm as 'ES256' });
      const asked = await real.ask<Parameters<Authenticator['create']>[0]>(
        'POST',
        '/me/passkeys/challenge',
        undefined,
        token,
      );
      const body = { name: 'a passkey', passkey: authenticator.create(asked.body) };
      const added = await real.ask<{ id: string }>('POST', '/me/passkeys', body, token);
      expect(added.status).toBe(201);
      model.passkeys.push({
        index: real.authenticators.push(authenticator) - 1,
        isThere: true,
        isCounted: false,
      });
      real.ids.push(added.body.id);
    }),
);

const removingPasskey = fc.nat({ max: 5 }).map(
  (pick) =>
    new Doing(`remove passkey ${pick}`, async (model, real) => {
      const passkey = model.passkeys[pick % Math.max(1, model.passkeys.length)];
      if (passkey === undefined) return;
      const token = await proven(model, real);
      const removed = await real.ask('DELETE', `/me/passkeys/${real.ids[passkey.index]}`, undefined, token);
      expect(removed.status).toBe(passkey.isThere ? 204 : 404);
      passkey.isThere = false;
    }),
);

const changingPassword = fc.nat({ max: 1_000_000 }).map(
  (number) =>
    new Doing('change the password', async (model, real) => {
      const token = await proven(model, real);
      const newPassword = `words that fit badly together ${number}`;
      expect((await real.ask('PUT', '/me/password', { newPassword }, token)).status).toBe(204);
      model.password = newPassword;
      model.sessions = model.sessions.slice(-1);
    }),
);

it('no session is open without the factors that were in force when it was opened, whatever is done in whatever order', async () => {
  const clock = new MovedClock();
  const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']), publicUrl: ORIGIN };
  await using vault = await startTestVault({ clock, network });
  const commands = fc.commands(
    [
      attempts,
      attempts,
      attempts,
      attempts,
      guesses,
      passkeyAttempts,
      passkeyAttempts,
      time,
      enrolling,
      removing,
      regenerating,
      addingPasskey,
      removingPasskey,
      changingPassword,
    ],
    { size: '+1', maxCommands: 40 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(true, true, false), commands, async (startsEnrolled, sequence) => {
      const real = new Real(vault, clock);
      const model = new Model();
      await real.start();
      if (startsEnrolled) await enrol(model, real, true);
      await fc.asyncModelRun(() => ({ model, real }), sequence);
    }),
    { numRuns: 10 },
  );
  expect(vault.faults).toEqual([]);
}, 180_000);
