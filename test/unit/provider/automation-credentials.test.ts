import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { credentialsFiles, credentialsFrom } from '#provider/seneschal/automation-credentials.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const { cert } = localhostCertificate();
const address = { url: 'https://vault.acme.example', vaultId: 'vault_acme000000000001' };
const files = credentialsFiles({ address, ca: cert + cert, automationId: 'auto_1', privateKey: pem });

describe('credentials of an automation identity (V4)', () => {
  it('say whom it acts as and where, and are read as they were written', () => {
    const read = credentialsFrom(files, 'here');
    expect(read).toMatchObject({ address, ca: cert + cert, automationId: 'auto_1' });
    expect(read.privateKey.asymmetricKeyType).toBe('ed25519');
    expect(Object.keys(files).sort()).toEqual(['automation-id', 'ca.crt', 'private.pem', 'url', 'vault-id']);
  });

  it('say a URL in one spelling, however it was written', () => {
    const { address: read } = credentialsFrom({ ...files, url: 'https://Vault.Acme.Example:443\n' }, 'here');
    expect(read).toEqual(address);
  });

  it('leave the authorities to the system where they name none', () => {
    expect(credentialsFrom({ ...files, 'ca.crt': undefined }, 'here').ca).toBeNull();
  });

  it.each(['url', 'vault-id', 'automation-id', 'private.pem'])(
    'without %s are refused with the command that writes them',
    (name) => {
      expect(() => credentialsFrom({ ...files, [name]: ' \n' }, 'Secret a of b')).toThrow(
        new RegExp(`Secret a of b has no ${name}; .*seneschal vault automation create`),
      );
    },
  );

  it.each([
    ['url', 'http://vault.acme.example'],
    ['url', 'https://vault.acme.example/path'],
    ['url', 'https://vault.acme.example:99999'],
    ['vault-id', '../vault_acme000000000001'],
    ['private.pem', 'planted'],
    ['ca.crt', 'planted'],
    ['ca.crt', `${cert}-----BEGIN CERTIFICATE-----\nplanted\n-----END CERTIFICATE-----\n`],
  ])('with a %s that is none are refused, and what stood there is not shown', (name, text) => {
    const read = () => credentialsFrom({ ...files, [name]: text }, 'here');
    expect(read).toThrow(`${name} in here`);
    expect(read).not.toThrow('planted');
  });
});
