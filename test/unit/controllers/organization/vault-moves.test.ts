import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedMoveOf,
  allowMoveFlag,
  moveNotAllowed,
  moveText,
  namespaceToRead,
  type SealsSeen,
  type UnreadNamespace,
  unreadText,
  type Whereabouts,
} from '#controllers/organization/vault-moves.ts';
import type { VaultAddress } from '#model/vault-address.ts';

const before: VaultAddress = { url: 'https://before.test', vaultId: 'vault_1' };
const after: VaultAddress = { url: 'https://after.test', vaultId: 'vault_1' };
const organization = 'acme/acme';
const allowed = [{ organization, url: after.url, vaultId: null }];
const at = (vault: VaultAddress, ...names: readonly string[]) => names.map((name) => ({ name, vault }));

function whereabouts(seals: Partial<SealsSeen>, connectedTo: VaultAddress | null = before): Whereabouts {
  const none = { elsewhere: [], here: false, outside: [], unread: [] };
  return { organization, address: after, connectedTo, seals: { ...none, ...seals } };
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

describe('Secrets in other namespaces than the Organization (V4)', () => {
  const tenants = { url: 'https://tenants.test', vaultId: 'vault_2' };
  const outside = at(before, 'team/b', 'team/a');

  test('are a move where the Organization was connected to their address', () => {
    expect(moveNotAllowed(whereabouts({ outside }), [])).toEqual({
      from: before,
      to: after,
      secrets: ['team/a', 'team/b'],
    });
    expect(moveNotAllowed(whereabouts({ outside }), allowed)).toBeNull();
  });

  test('are named beside those of its own namespace', () => {
    const elsewhere = at(tenants, 'c');
    expect(moveNotAllowed(whereabouts({ elsewhere, outside }), [])).toEqual({
      from: before,
      to: after,
      secrets: ['c', 'team/a', 'team/b'],
    });
  });

  test('are a move though a Secret of the namespace is of the new address', () => {
    expect(moveNotAllowed(whereabouts({ outside, here: true }), [])).not.toBeNull();
  });

  test.each<[string, Partial<SealsSeen>, VaultAddress | null]>([
    ['of a vault that it was never connected to', { outside: at(tenants, 'team/x') }, before],
    ['where nothing was observed yet, or the status was lost', { outside }, null],
    ['of before, once the Organization is connected to the new address', { outside }, after],
  ])('stop nothing %s', (_, seals, connectedTo) => {
    expect(moveNotAllowed(whereabouts(seals, connectedTo), [])).toBeNull();
  });
});

describe('what may not be read, or is being listed', () => {
  const own: UnreadNamespace = { namespace: 'acme', because: 'unknown' };
  const listed: UnreadNamespace = { namespace: 'team', because: 'unknown' };
  const forbidden: UnreadNamespace = { namespace: 'other-team', because: 'forbidden' };

  test.each<[string, UnreadNamespace | null, readonly UnreadNamespace[], VaultAddress | null, boolean]>([
    ['nothing', null, [], before, false],
    ['its own namespace, also where the move is allowed', own, [own], before, true],
    ['its own namespace, also where nothing was observed yet', own, [own], null, false],
    ['another one before the Organization leaves its vault', listed, [listed], before, false],
    ['first what somebody has to let be read', forbidden, [own, listed, forbidden], before, false],
    ['no other one where the move is allowed', null, [listed, forbidden], before, true],
    ['no other one where no address before is known', null, [listed, forbidden], null, false],
    ['no other one where the Organization stays', null, [listed, forbidden], after, false],
  ])('has to be known: %s', (_, expected, unread, connectedTo, isAllowed) => {
    const where = whereabouts({ unread }, connectedTo);
    expect(namespaceToRead(where, isAllowed ? allowed : [])).toEqual(expected);
  });

  test('is no reason to wait where a Secret says already that it is a move', () => {
    expect(moveNotAllowed(whereabouts({ outside: at(before, 'team/a'), unread: [own] }), [])).not.toBeNull();
  });

  test('is told with the namespace, what lets it be read, and the option that does without', () => {
    const text = unreadText(whereabouts({}), 'team', 'kubectl create rolebinding');
    for (const part of ['namespace team', 'Enable it: kubectl create rolebinding;', before.url, after.url])
      expect(text).toContain(part);
    expect(text).toContain('--allow-move acme/acme=https://after.test/vault_1 ');
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
  const secrets = fc.array(address.map((vault) => ({ name: 's', vault })));
  const isSame = (a: VaultAddress, b: VaultAddress | null): boolean =>
    a.url === b?.url && a.vaultId === b.vaultId;
  fc.assert(
    fc.property(
      secrets,
      secrets,
      fc.boolean(),
      fc.option(address),
      address,
      fc.boolean(),
      fc.option(fc.constantFrom('vault_1', 'vault_2')),
      (all, outside, here, connectedTo, to, isNamed, vaultId) => {
        const elsewhere = all.filter(({ vault }) => !isSame(vault, to));
        const seals = { elsewhere, here, outside, unread: [] };
        const moves = isNamed ? [{ organization, url: to.url, vaultId }] : [];
        const mayMove = isNamed && (vaultId === null || vaultId === to.vaultId);
        const move = moveNotAllowed({ organization, address: to, connectedTo, seals }, moves);
        const stops = elsewhere.length > 0 && !(here && isSame(to, connectedTo));
        const leaves = !isSame(to, connectedTo) && outside.some(({ vault }) => isSame(vault, connectedTo));
        expect(move === null).toBe(mayMove || !(stops || leaves));
      },
    ),
  );
});
