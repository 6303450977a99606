import { expect, test } from 'vitest';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { type Claim, claimOn, holdsWhatWasSealed } from '#controllers/machinebinding/ownership.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import type { Secret } from '#kube/kube.ts';

const seals = new Seals(InstallationKey.random());
const binding: BindingIdentity = {
  uid: 'new',
  namespace: 'ns',
  name: 'api',
  organization: 'acme',
  machineName: 'api',
  vault: { url: 'https://vault.test', vaultId: 'vault_1' },
};
const data = { password: 'Zmlyc3Q=' };

function target(of: Partial<BindingIdentity> = {}, by = seals, name = 'values'): Secret {
  const owner = { ...binding, ...of };
  const { labels, annotations } = marksOf(owner, name, { role: 'target' }, data, by);
  return { metadata: { name, namespace: owner.namespace, labels, annotations }, data };
}

function renamed({ metadata, ...rest }: Secret, name: string): Secret {
  return { ...rest, metadata: { ...metadata, name } };
}

function marked({ metadata, ...rest }: Secret, change: Record<string, string>): Secret {
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, ...change } } };
}

const another = new Seals(InstallationKey.random());

test.each<[string, Secret, Claim]>([
  ['sealed for this place', target(), 'own'],
  ['with the UID of an earlier object', target({ uid: 'old' }), 'inherited'],
  ['without its labels', { metadata: { ...target().metadata, labels: {} }, data }, 'inherited'],
  ['under another name', renamed(target(), 'backup-values'), 'foreign'],
  ['of another binding', target({ name: 'web' }), 'foreign'],
  ['of another machine', target({ machineName: 'web' }), 'foreign'],
  ['of another namespace', target({ namespace: 'other' }), 'foreign'],
  ['of another vault', target({ vault: { url: 'https://vault.test', vaultId: 'vault_2' } }), 'moved'],
  ['of another address', target({ vault: { url: 'https://old.test', vaultId: 'vault_1' } }), 'moved'],
  [
    'of another address that it denies',
    marked(target({ vault: { url: 'https://old.test', vaultId: 'vault_1' } }), {
      'seneschal.dev/vault-url': 'https://vault.test',
    }),
    'foreign',
  ],
  ['sealed by another installation key', target({}, another), 'unproven'],
  [
    'sealed by another installation key, of another machine',
    target({ machineName: 'web' }, another),
    'foreign',
  ],
  [
    'sealed by another installation key, of another address',
    target({ vault: { url: 'https://old.test', vaultId: 'vault_1' } }, another),
    'foreign',
  ],
  ['without any mark', { metadata: { name: 'values', namespace: 'ns' }, data }, 'foreign'],
])('a Secret %s is %s', (_, secret, claim) => {
  expect(claimOn(secret, 'target', binding, seals)).toBe(claim);
});

test('a Secret that was sealed for one use has none of another', () => {
  expect(claimOn(target(), 'identity', binding, seals)).toBe('foreign');
});

test('content that was changed is not what was sealed, and neither is that of a copy', () => {
  expect(holdsWhatWasSealed(target(), 'target', binding, seals)).toBe(true);
  const edited = { ...target(), data: { password: 'c2Vjb25k' } };
  expect(holdsWhatWasSealed(edited, 'target', binding, seals)).toBe(false);
  expect(holdsWhatWasSealed(renamed(target(), 'copy'), 'target', binding, seals)).toBe(false);
});
