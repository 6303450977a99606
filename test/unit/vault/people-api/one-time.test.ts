import { describe, expect, it } from 'vitest';
import { newKeyPair, privatePem } from '#identity/key-pair.ts';
import { newToken } from '#vault/common/token.ts';
import { holdsOneTime } from '#vault/people-api/one-time.ts';

describe('what is answered once is in no kept answer (V1)', () => {
  it.each<[string, unknown]>([
    ['a token, whatever its field is called', { made: newToken('boot') }],
    [
      'a token within a command',
      { run: `curl -sSL https://vault.example/v1/bootstrap/${newToken('boot')} | sh` },
    ],
    ['a private key', [{ files: { 'private.pem': privatePem(newKeyPair().privateKey) } }]],
    ['the secret of a TOTP', { address: 'otpauth://totp/Acme?secret=JBSWY3DPEHPK3PXP' }],
    ['recovery codes', { recoveryCodes: ['abcd-efgh'] }],
    ['a code', { code: '123456' }],
  ])('%s', (_, value) => expect(holdsOneTime(value)).toBe(true));

  it.each<[string, unknown]>([
    ['nothing', undefined],
    [
      'ids and digests',
      { id: 'apr_0123456789abcdef', digest: 'ab'.repeat(32), vaultId: 'vault_0123456789abcdef' },
    ],
    ['names of secrets', { access: [{ project: 'Main', secrets: ['api-token'] }] }],
    ['a key that was not made here', { id: 'auto_0123456789abcdef', privateKey: null }],
  ])('%s is no such thing', (_, value) => expect(holdsOneTime(value)).toBe(false));
});
