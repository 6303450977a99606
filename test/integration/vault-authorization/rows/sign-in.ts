import { OWNER } from '../../../builders/vault.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const token = (prefix: string): string => `${prefix}_${'a'.repeat(43)}`;
/** As a browser sends it; this server has no address that passkeys could be bound to. */
const PASSKEY = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} };
const NO_PASSKEYS = { reaches: 'PasskeysNeedPublicUrl' } as const;
const OTHER_PASSWORD = 'another long and boring pass phrase';

/** About one's own account: every session, whatever vault it is bound to. */
const mine = (route: string, more: Partial<Row> = {}): Row => ({
  route: `${route.split(' ')[0]} /api/v1${route.split(' ')[1]}`,
  people: 'account',
  asks: () => ({ target: `/api/v1${route.split(' ')[1]}` }),
  ...more,
});
const open = (path: string, body: (world: World) => object, more: Partial<Row> = {}): Row => ({
  route: `POST /api/v1${path}`,
  people: 'anybody',
  asks: (world) => ({ target: `/api/v1${path}`, body: body(world) }),
  ...more,
});

export const rows: readonly Row[] = [
  open('/accounts', (world) => ({ email: `${world.newName()}@acme.example` })),
  open('/password-resets', () => ({ email: OWNER })),
  open('/password-resets/confirm', () => ({ token: token('rst'), newPassword: OTHER_PASSWORD }), {
    reaches: 'TokenNotFound',
  }),
  open('/sessions/passkey-challenge', () => ({}), NO_PASSKEYS),
  open(
    '/sessions/passkey',
    () => ({
      passkey: { ...PASSKEY, response: { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' } },
    }),
    NO_PASSKEYS,
  ),
  mine('GET /me/events'),
  mine('GET /me/vaults'),
  mine('GET /me/passkeys'),
  mine('POST /me/passkeys/challenge', { proof: true, ...NO_PASSKEYS }),
  mine('POST /me/passkeys', {
    asks: () => ({
      target: '/api/v1/me/passkeys',
      body: {
        name: 'key',
        passkey: { ...PASSKEY, response: { clientDataJSON: 'AA', attestationObject: 'AA' } },
      },
    }),
    proof: true,
    ...NO_PASSKEYS,
  }),
  mine('PUT /me/passkeys/{passkeyId}', {
    asks: () => ({ target: '/api/v1/me/passkeys/psk_0123456789abcdef', body: { name: 'key' } }),
    reaches: 'NotFound',
  }),
  mine('DELETE /me/passkeys/{passkeyId}', {
    asks: () => ({ target: '/api/v1/me/passkeys/psk_0123456789abcdef' }),
    reaches: 'NotFound',
    proof: true,
  }),
  mine('GET /me/second-factor'),
  mine('POST /me/second-factor/confirm', {
    asks: () => ({ target: '/api/v1/me/second-factor/confirm', body: { code: '000000' } }),
    reaches: 'NothingToConfirm',
    proof: true,
  }),
  mine('POST /me/second-factor/recovery-codes', { reaches: 'NoSecondFactor', proof: true }),
  mine('DELETE /me/second-factor', { reaches: 'NoSecondFactor', proof: true }),
  mine('POST /me/second-factor', { proof: true }),
  mine('POST /me/email', {
    asks: (world) => ({ target: '/api/v1/me/email', body: { email: `${world.newName()}@acme.example` } }),
    proof: true,
  }),
  mine('POST /me/email/confirm', {
    asks: () => ({ target: '/api/v1/me/email/confirm', body: { token: token('adr') } }),
    reaches: 'TokenNotFound',
  }),
  mine('PUT /me/password', {
    asks: () => ({ target: '/api/v1/me/password', body: { newPassword: 'short' } }),
    reaches: 'PasswordTooShort',
    proof: true,
  }),
  mine('POST /me/deletion', {
    asks: () => ({ target: '/api/v1/me/deletion', body: { confirm: 'DELETE' } }),
    // O3: a vault is not left without its owner.
    reaches: (actor) => (actor.startsWith('owner') ? 'OwnsVaults' : undefined),
    proof: true,
    usesUp: true,
  }),
  mine('GET /sessions'),
  mine('DELETE /sessions'),
  mine('DELETE /sessions/{sessionId}', {
    asks: () => ({ target: '/api/v1/sessions/sid_0123456789abcdef' }),
    reaches: 'NotFound',
  }),
  mine('POST /sessions/current/passkey-challenge', NO_PASSKEYS),
];
