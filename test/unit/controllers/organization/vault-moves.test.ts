import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedMoveOf,
  allowMoveFlag,
  moveNotAllowed,
  moveText,
  type SealsSeen,
  type Whereabouts,
} from '#controllers/organization/vault-moves.ts';
import type { VaultAddress } from '#model/vault-address.ts';

const before: VaultAddress = { url: 'https://before.test', vaultId: 'vault_1' };
const after: VaultAddress = { url: 'https://after.test', vaultId: 'vault_1' };
const organization = 'acme/acme';
const allowed = [{ organization, url: after.url, vaultId: null }];
const at = (vault: VaultAddress, ...names: readonly string[]) => names.map((name) => ({ name, vault }));

function whereabouts(seals: Partial<SealsSeen>, connectedTo: VaultAddress | null = before): Whereabouts {
  return { organization, address: after, connectedTo, seals: { elsewhere: [], here: false, ...seals } };
}

describe('credentials for another address than that of the Secrets (V4)', () => {
  const elsewhere = at(before, 'b', 'a');

  test('are a move, which is named with the Secrets that are elsewhere', () => {
    expect(moveNotAllowed(whereabouts({ elsewhere }), [])).toEqual({
      from: before,
      to: after,
      secrets: ['a', 'b'],
    });
  });

  test('are gone on with where whoever runs the operator allows it, for that Organization and that url alone', () => {
    expect(moveNotAllowed(whereabouts({ elsewhere }), allowed)).toBeNull();
    for (const other of [
      { organization: 'acme/other', url: after.url, vaultId: null },
      { organization, url: before.url, vaultId: null },
    ])
      expect(moveNotAllowed(whereabouts({ elsewhere }), [other])).not.toBeNull();
  });

  test('are gone on with for the vault that is named alone: on a server where anybody makes vaults, another is anybody’s', () => {
    expect(moveNotAllowed(whereabouts({ elsewhere }), [{ organization, ...after }])).toBeNull();
    const other = { organization, url: after.url, vaultId: 'vault_2' };
    expect(moveNotAllowed(whereabouts({ elsewhere }), [other])).toEqual({
      from: before,
      to: after,
      secrets: ['a', 'b'],
    });
  });

  test('need no leave where there is no Secret of another address', () => {
    expect(moveNotAllowed(whereabouts({}), [])).toBeNull();
    expect(moveNotAllowed(whereabouts({}, null), [])).toBeNull();
  });

  test('stop nothing where the Organization is connected there and has a Secret of it: one of before came back', () => {
    expect(moveNotAllowed(whereabouts({ elsewhere, here: true }, after), [])).toBeNull();
  });

  test.each<[string, Partial<SealsSeen>, VaultAddress | null]>([
    ['a status alone', { elsewhere }, after],
    ['a Secret of it alone', { elsewhere, here: true }, before],
    ['a Secret of it where nothing was observed yet', { elsewhere, here: true }, null],
    ['a status of another vault at it', { elsewhere, here: true }, { ...after, vaultId: 'vault_2' }],
  ])('are not believed by %s', (_, seals, connectedTo) => {
    expect(moveNotAllowed(whereabouts(seals, connectedTo), [])).not.toBeNull();
  });

  test('with another id at the same url are a move too', () => {
    const other = { ...before, vaultId: 'vault_2' };
    const here = { ...whereabouts({ elsewhere }), address: other };
    expect(moveNotAllowed(here, [])).toMatchObject({ from: before, to: other });
  });

  test('come from where the Organization was connected, if its Secrets are of several', () => {
    const others = [...at({ url: 'https://long-ago.test', vaultId: 'vault_1' }, 'a'), ...at(before, 'b')];
    expect(moveNotAllowed(whereabouts({ elsewhere: others }), [])?.from).toEqual(before);
  });
});

test('what is told says from where to where, which Secrets, and the whole option that allows it', () => {
  const text = moveText(organization, { from: before, to: after, secrets: ['a', 'b', 'c', 'd', 'e'] });
  expect(text).toContain('vault_1 at https://after.test');
  expect(text).toContain('vault_1 at https://before.test');
  expect(text).toContain('(a, b, c and 2 more)');
  expect(text).toContain('--allow-move acme/acme=https://after.test/vault_1 ');
});

test.each([
  ['acme/acme=https://Vault.test:443', null],
  ['acme/acme=https://Vault.test:443/vault_0123456789abcdef', 'vault_0123456789abcdef'],
  ['acme/acme=https://vault.test/vault_0123456789ABCDEF', 'vault_0123456789ABCDEF'],
])(
  '%s allows a move of an Organization to a url in one spelling, and the vault that it names',
  (text, vaultId) => {
    expect(allowedMoveOf(text)).toEqual({ organization, url: 'https://vault.test', vaultId });
  },
);

test('the option that is printed is one that is taken', () => {
  const to = { url: 'https://[::1]:8443', vaultId: 'vault_0123456789abcdef' };
  const [, value = ''] = allowMoveFlag(organization, to).split(' ');
  expect(allowedMoveOf(value)).toEqual({ organization, ...to });
});

test.each([
  '',
  'acme=https://vault.test',
  'acme/acme',
  'acme/acme=',
  'acme/acme=vault.test',
  'acme/acme=https://vault.test/path',
  'acme/acme=https://vault.test/',
  'acme/acme=https://vault.test/vault_short',
  'acme/acme=https://vault.test/vault_0123456789abcdef/',
  'acme/acme=https://vault.test//vault_0123456789abcdef',
  'acme/acme=vault_0123456789abcdef',
  'acme/acme=http://vault.test',
  '/acme=https://vault.test',
  'a/b/c=https://vault.test',
])('%s is no allowed move', (text) => {
  expect(allowedMoveOf(text)).toBeNull();
});

test('whatever is sealed and declared, an Organization with Secrets of elsewhere goes on only where it is allowed or was before', () => {
  const address = fc.record({
    url: fc.constantFrom(before.url, after.url, 'https://relay.test'),
    vaultId: fc.constantFrom('vault_1', 'vault_2'),
  });
  const elsewhere = fc.array(address.map((vault) => ({ name: 's', vault })));
  fc.assert(
    fc.property(
      elsewhere,
      fc.boolean(),
      fc.option(address),
      address,
      fc.boolean(),
      fc.option(fc.constantFrom('vault_1', 'vault_2')),
      (all, here, connectedTo, to, isNamed, vaultId) => {
        const others = all.filter(({ vault }) => vault.url !== to.url || vault.vaultId !== to.vaultId);
        const seals = { elsewhere: others, here };
        const moves = isNamed ? [{ organization, url: to.url, vaultId }] : [];
        const mayMove = isNamed && (vaultId === null || vaultId === to.vaultId);
        const move = moveNotAllowed({ organization, address: to, connectedTo, seals }, moves);
        const wasThere = here && connectedTo?.url === to.url && connectedTo.vaultId === to.vaultId;
        expect(move === null).toBe(others.length === 0 || mayMove || wasThere);
      },
    ),
  );
});
