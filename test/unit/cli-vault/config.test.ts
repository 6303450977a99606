import { describe, expect, it } from 'vitest';
import { ConfigError, parseVaultConfig, shownDatabase } from '../../../src/cli/vault-config.ts';
import { DEFAULT_RATES } from '../../../src/vault/rates.ts';

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

describe('the configuration of the vault', () => {
  it('is read from YAML, its paths relative to its own folder', () => {
    const text = [
      'listen: {host: 0.0.0.0, port: 8443, tls: {cert: tls/tls.crt, key: /keys/tls.key}}',
      'publicUrl: https://vault.acme.example',
      'trustedProxies: [10.0.0.0/8, "::1"]',
      'rates: {machine: {perSecond: 0.5, burst: 2}}',
      'health: {port: 9090}',
      'database: ../data/vault.db',
      'rootKey: {file: root.key}',
      'previousRootKeys: [{file: old.key}, {command: [keys, print]}]',
    ].join('\n');
    expect(parseVaultConfig(text, FILE)).toEqual({
      listen: {
        host: '0.0.0.0',
        port: 8443,
        tls: { cert: '/etc/seneschal/tls/tls.crt', key: '/keys/tls.key' },
      },
      publicUrl: 'https://vault.acme.example',
      trustedProxies: ['10.0.0.0/8', '::1'],
      rates: { ...DEFAULT_RATES, machine: { perSecond: 0.5, burst: 2 } },
      health: { host: '127.0.0.1', port: 9090 },
      database: '/etc/data/vault.db',
      rootKey: { file: '/etc/seneschal/root.key' },
      previousRootKeys: [{ file: '/etc/seneschal/old.key' }, { command: ['keys', 'print'] }],
      log: { level: 'info' },
    });
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

  it.each([
    ['a plain listener off loopback', 'listen: {host: 0.0.0.0, port: 80}', /:1:9: listen\.tls: is required/],
    ['a port that is none', 'listen:\n  port: 70000', /:2:9: listen\.port: /],
    ['a proxy that is no address', 'trustedProxies: [proxy]', /:1:18: trustedProxies\.0: is no address/],
    ['an address that SDKs refuse', 'publicUrl: http://vault', /:1:12: publicUrl: is no https/],
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
    ['nothing', '', /:1:1: file: /],
  ])('with %s names file, line and field', (_name, text, expected) => {
    expect(faultsOf(text)).toMatch(expected);
  });
});
