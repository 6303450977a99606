/** What proves a person, and the account as its person changes it: each their own, whatever vaults they are in. */
import { newToken } from '#vault/common/token.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

/** Text of an answer of an authenticator that nobody asked for. */
const TEXT = 'AAAA';

/** A passkey that is not known; another one each time, since each has its own lock-out (V7). */
function assertion(world: World) {
  const id = world.newName();
  const response = { clientDataJSON: TEXT, authenticatorData: TEXT, signature: TEXT };
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
}

function attestation(world: World) {
  const id = world.newName();
  const response = { clientDataJSON: TEXT, attestationObject: TEXT };
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
}

/** Sign-up takes sixty requests a minute of one address. */
const BETWEEN_SIGN_UPS = 2_000;

const noSecondFactors = ({ vault }: World) => vault.database.edit('delete from second_factors');

export const rows: readonly Row[] = [
  {
    route: 'POST /api/v1/accounts',
    people: 'anybody',
    asks: async (world) => {
      await world.later(BETWEEN_SIGN_UPS);
      return { target: '/api/v1/accounts', body: { email: `${world.newName()}@acme.example` } };
    },
  },
  {
    route: 'POST /api/v1/accounts/verify',
    people: 'anybody',
    asks: async (world) => {
      await world.later(BETWEEN_SIGN_UPS);
      return {
        target: '/api/v1/accounts/verify',
        body: { token: newToken('ver'), userName: 'alice', password: 'six words that are long enough' },
      };
    },
    // Nobody was mailed it.
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/sessions/passkey-challenge',
    people: 'anybody',
    asks: () => ({ target: '/api/v1/sessions/passkey-challenge' }),
  },
  {
    route: 'POST /api/v1/sessions/passkey',
    people: 'anybody',
    asks: (world) => ({ target: '/api/v1/sessions/passkey', body: { passkey: assertion(world) } }),
    reaches: 'PasskeyRefused',
  },
  {
    route: 'POST /api/v1/sessions/current/passkey-challenge',
    people: 'account',
    asks: () => ({ target: '/api/v1/sessions/current/passkey-challenge' }),
  },
  {
    route: 'POST /api/v1/password-resets',
    people: 'anybody',
    asks: () => ({ target: '/api/v1/password-resets', body: { email: 'nobody@acme.example' } }),
  },
  {
    route: 'POST /api/v1/password-resets/confirm',
    people: 'anybody',
    asks: () => ({
      target: '/api/v1/password-resets/confirm',
      body: { token: newToken('rst'), newPassword: 'six words that are long enough' },
    }),
    reaches: 'TokenNotFound',
  },
  {
    route: 'GET /api/v1/me/events',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/events' }),
  },
  {
    route: 'PUT /api/v1/me/password',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/password', body: { newPassword: 'short' } }),
    reaches: 'PasswordTooShort',
  },
  {
    route: 'POST /api/v1/me/email',
    people: 'account',
    proof: true,
    asks: (world) => ({ target: '/api/v1/me/email', body: { email: `${world.newName()}@acme.example` } }),
  },
  {
    route: 'POST /api/v1/me/email/confirm',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/email/confirm', body: { token: newToken('adr') } }),
    reaches: 'TokenNotFound',
  },
  {
    route: 'POST /api/v1/me/deletion',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/deletion', body: { confirm: 'DELETE' } }),
    // O3: an organization has an owner.
    reaches: (actor) => (actor.startsWith('owner') ? 'OwnsVaults' : undefined),
    usesUp: true,
  },
  {
    route: 'GET /api/v1/me/second-factor',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/second-factor' }),
  },
  {
    route: 'POST /api/v1/me/second-factor',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/second-factor' }),
    restore: noSecondFactors,
  },
  {
    route: 'POST /api/v1/me/second-factor/confirm',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/second-factor/confirm', body: { code: '000000' } }),
    reaches: 'NothingToConfirm',
  },
  {
    route: 'DELETE /api/v1/me/second-factor',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/second-factor' }),
    reaches: 'NoSecondFactor',
  },
  {
    route: 'POST /api/v1/me/second-factor/recovery-codes',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/second-factor/recovery-codes' }),
    reaches: 'NoSecondFactor',
  },
  {
    route: 'GET /api/v1/me/passkeys',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/passkeys' }),
  },
  {
    route: 'POST /api/v1/me/passkeys/challenge',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/passkeys/challenge' }),
  },
  {
    route: 'POST /api/v1/me/passkeys',
    people: 'account',
    proof: true,
    asks: (world) => ({
      target: '/api/v1/me/passkeys',
      body: { name: 'laptop', passkey: attestation(world) },
    }),
    reaches: 'PasskeyRefused',
  },
  {
    route: 'PUT /api/v1/me/passkeys/{passkeyId}',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/passkeys/psk_0123456789abcdef', body: { name: 'laptop' } }),
    reaches: 'NotFound',
  },
  {
    route: 'DELETE /api/v1/me/passkeys/{passkeyId}',
    people: 'account',
    proof: true,
    asks: () => ({ target: '/api/v1/me/passkeys/psk_0123456789abcdef' }),
    reaches: 'NotFound',
  },
];
