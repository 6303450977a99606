import { describe, expect, it } from 'vitest';
import { audiencesOf, ConfigError, parseVaultConfig, shownDatabase } from '#cli/server/vault-config.ts';
import { catalogOf } from '#cli/server/vault-tiers-config.ts';
import { DEFAULT_RATES } from '#vault/http/rates.ts';

const FILE = '/etc/seneschal/vault.yaml';

function faultsOf(text: string): string {
  try {
    parseVaultConfig(text, FILE);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
}

const WHOLE = 'listen: {port: 1}\ndatabase: v.db\nrootKey: {env: K}';
const OPEN = WHOLE.replace('{port: 1}', '{host: 0.0.0.0, port: 1, tls: {cert: c, key: k}}');

describe('the configuration of the vault', () => {
  it('is read from YAML, its paths relative to its own folder', () => {
    const text = [
      'listen: {host: 0.0.0.0, port: 8443, tls: {cert: tls/tls.crt, key: /keys/tls.key}}',
      'publicUrl: https://vault.acme.example',
      'audiences: ["https://vault.vault.svc:8443"]',
      'trustedProxies: [10.0.0.0/8, "::1"]',
      'rates: {machine: {perSecond: 0.5, burst: 2}}',
      'health: {port: 9090}',
      'database: ../data/vault.db',
      'rootKey: {file: root.key}',
      'mail:',
      '  smtp: {host: mail.acme.example, user: vault, passwordFile: smtp.password, ca: ca.crt}',
      '  from: Acme vault <vault@acme.example>',
      'webhooks: {allowedAddresses: [10.1.0.0/16], ca: /etc/ca.crt}',
      'previousRootKeys: [{file: old.key}, {command: [keys, print]}]',
    ].join('\n');
    expect(parseVaultConfig(text, FILE)).toEqual({
      listen: {
        host: '0.0.0.0',
        port: 8443,
        tls: { cert: '/etc/seneschal/tls/tls.crt', key: '/keys/tls.key' },
      },
      publicUrl: 'https://vault.acme.example',
      audiences: ['https://vault.vault.svc:8443'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      rates: { ...DEFAULT_RATES, machine: { perSecond: 0.5, burst: 2 } },
      health: { host: '127.0.0.1', port: 9090 },
      database: '/etc/data/vault.db',
      rootKey: { file: '/etc/seneschal/root.key' },
      previousRootKeys: [{ file: '/etc/seneschal/old.key' }, { command: ['keys', 'print'] }],
      mail: {
        smtp: {
          ...{ host: 'mail.acme.example', port: 587, secure: false, user: 'vault' },
          ...{ passwordFile: '/etc/seneschal/smtp.password', ca: '/etc/seneschal/ca.crt' },
        },
        from: 'Acme vault <vault@acme.example>',
      },
      signUp: 'invited',
      webhooks: { allowedAddresses: ['10.1.0.0/16'], ca: '/etc/ca.crt' },
      log: { level: 'info' },
    });
  });

  it('takes signatures for publicUrl and for audiences, and for no loopback address (V4)', () => {
    const of = (text: string) => [...audiencesOf(parseVaultConfig(`${WHOLE}\n${text}`, FILE))];
    expect(of('publicUrl: https://Vault.Acme.Example:443')).toEqual(['https://vault.acme.example']);
    expect(of('audiences: [https://vault.vault.svc]')).toEqual(['https://vault.vault.svc']);
    expect(of('publicUrl: http://localhost:8200')).toEqual([]);
    expect(of('')).toEqual([]);
  });

  it('is read from JSON as well', () => {
    const text =
      '{"listen": {"port": 0}, "database": "v.db", "rootKey": {"env": "ROOT_KEY"}, "log": {"level": "warn"}}';
    expect(parseVaultConfig(text, FILE).rootKey).toEqual({ env: 'ROOT_KEY' });
  });

  it('names a PostgreSQL database by its URL, and never says who opens it with which password', () => {
    const url = 'postgres://seneschal:planted@db.acme.example:5432/vault?sslmode=verify-full';
    const { database } = parseVaultConfig(
      `listen: {port: 1}\ndatabase: ${url}\nrootKey: {env: ROOT_KEY}`,
      FILE,
    );
    expect(database).toBe(url);
    expect(shownDatabase(database)).toBe('postgres://db.acme.example:5432/vault');
    expect(shownDatabase('/data/vault.db')).toBe('/data/vault.db');
  });

  it('brings plans of its own, and says which of them accounts take by themselves (P4)', () => {
    const start = 'listen: {port: 1}\ndatabase: v.db\nrootKey: {env: ROOT_KEY}\n';
    const caps = '{members: 3, projects: null, machines: 1, groups: 0, storedBytes: 5}';
    const plans = (more: string) =>
      `${start}plans:\n  catalog: [{name: Small, caps: ${caps}, trialDays: 14}]\n  ${more}\n`;
    const { offers, selfService, personal } = catalogOf(
      parseVaultConfig(plans('selfService: [Small]\n  personal: Small'), FILE).plans,
    );
    expect(offers.get('Small')).toMatchObject({ caps: { members: 3, projects: null }, trialDays: 14 });
    expect([[...offers.keys()], [...selfService], personal]).toEqual([['Small'], ['Small'], 'Small']);
    expect([...catalogOf(parseVaultConfig(start, FILE).plans).selfService]).toEqual(['Free']);
    expect(faultsOf(plans('selfService: [Large]\n  personal: Small'))).toBe(
      `${FILE}:6:17: plans.selfService.0: is no plan of the catalog`,
    );
    expect(faultsOf(plans('selfService: [Small]'))).toContain('plans.personal: is no plan of the catalog');
    expect(
      faultsOf(`${start}plans: {catalog: [{name: A, caps: ${caps}}, {name: A, caps: ${caps}}]}`),
    ).toContain('plans.catalog: names a plan twice');
    expect(
      faultsOf(`${start}plans: {catalog: [{name: A, caps: ${caps}, billingUrl: "javascript:alert(1)"}]}`),
    ).toContain('plans.catalog.0.billingUrl');
  });

  it.each([
    ['a plain listener off loopback', 'listen: {host: 0.0.0.0, port: 80}', /:1:9: listen\.tls: is required/],
    ['a port that is none', 'listen:\n  port: 70000', /:2:9: listen\.port: /],
    ['a proxy that is no address', 'trustedProxies: [proxy]', /:1:18: trustedProxies\.0: is no address/],
    ['an address that SDKs refuse', 'publicUrl: http://vault', /:1:12: publicUrl: is no https/],
    [
      'an audience on loopback',
      'audiences: ["https://localhost:1"]',
      /:1:13: audiences\.0: leads to the machine/,
    ],
    ['an audience with a path', 'audiences: ["https://v/x"]', /:1:13: audiences\.0: is no https/],
    ['a field that is none', 'listen: {port: 1}\nlisten2: 3', /:2:10: listen2: there is no such field/],
    ['two sources of the root key', 'rootKey: {file: a, env: B}', /:1:10: rootKey: takes exactly one/],
    ['a command without a program', 'rootKey: {command: []}', /:1:20: rootKey\.command: /],
    ['no database', 'listen: {port: 1}', /:1:1: database: /],
    [
      'no database in a URL',
      'database: postgres://db:planted@h',
      /^\S+:1:11: database: is not the URL[^@]+user@/m,
    ],
    ['a key twice', 'database: a\ndatabase: b', /:2:1: Map keys must be unique/],
    ['no YAML', 'listen: {port: 1', /vault\.yaml:1:\d+: /],
    ['mail without a sender', 'mail: {smtp: {host: m}}', /:1:7: mail: takes `smtp` and `from`/],
    ['mail from nobody', 'mail: {smtp: {host: m}, from: a b}', /:1:31: mail\.from: is no address/],
    [
      'a mail user without password',
      'mail:\n  smtp: {host: m, user: u}',
      /:2:9: mail\.smtp: takes a user with/,
    ],
    [
      'mail that tells no address',
      `${WHOLE}\nmail: {smtp: {host: m}, from: a@b.c}`,
      /publicUrl: is required with mail/,
    ],
    ['an open outbox', `${OPEN}\nmail: {outbox: true}`, /mail\.outbox: is for development/],
    [
      'readers of mails that leave',
      'mail: {smtp: {host: m}, from: a@b.c, outboxReaders: [a@b.c]}',
      /:1:7: mail: takes `smtp` and `from`/,
    ],
    ['a way to sign up that is none', 'signUp: maybe', /:1:9: signUp: /],
    [
      'a webhook address that is none',
      'webhooks: {allowedAddresses: [x]}',
      /allowedAddresses\.0: is no address/,
    ],
    ['nothing', '', /:1:1: file: /],
  ])('with %s names file, line and field', (_name, text, expected) => {
    expect(faultsOf(text)).toMatch(expected);
  });
});
