/** The file of `seneschal vault serve`: one schema, and errors that name file, line and field. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { isVaultUrl } from '#model/vault-address.ts';
import { audienceOf, isLoopbackUrl } from '#protocol/audience.ts';
import { isAddressRange } from '#vault/common/addresses.ts';
import { DEFAULT_RATES } from '#vault/http/rates.ts';
import { isPostgresUrl } from '#vault/store/store.ts';
import { mailConfig, signUpConfig, webhooksConfig, withAbsoluteOutgoing } from './vault-outgoing-config.ts';
import { plansConfig } from './vault-tiers-config.ts';

const port = z.int().min(0).max(65_535);
const path = z.string().min(1);

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.int().min(1) });

const rootKeySource = z.union(
  [
    z.strictObject({ file: path }),
    z.strictObject({ env: path }),
    /** Program and arguments, run without a shell; what it prints is the key. */
    z.strictObject({ command: z.array(z.string()).min(1) }),
  ],
  { error: 'takes exactly one of `file`, `env` and `command`' },
);
export type RootKeySource = z.infer<typeof rootKeySource>;

const LOOPBACK = 'leads to the machine that asks, whichever that is, so that it names no vault';

const vaultFields = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port,
      /** PEM files, read anew when they change; `ca`: the authority that clients need, where systems do not know it. */
      tls: z.strictObject({ cert: path, key: path, ca: path.optional() }).optional(),
    })
    .refine(({ host, tls }) => tls !== undefined || isLoopback(host), {
      path: ['tls'],
      message: 'is required: without it the vault listens on a loopback address only',
    }),
  /** The address that clients are told: https, or http on localhost; default: the one that they came by. */
  publicUrl: z.string().refine(isVaultUrl, 'is no https:// address without a path').optional(),
  /** Further origins that automation may sign for: the Service's name in the cluster, a former host name (V4). */
  audiences: z
    .array(
      z
        .string()
        .refine(isVaultUrl, 'is no https:// address without a path')
        .refine((url) => !isVaultUrl(url) || !isLoopbackUrl(url), LOOPBACK),
    )
    .max(16)
    .default([]),
  /** Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed (V7): addresses and CIDR ranges. */
  trustedProxies: z.array(z.string().refine(isAddressRange, 'is no address and no CIDR range')).default([]),
  /** Requests of one identity: sustained, and at once after a quiet time (V7). */
  rates: z
    .strictObject({
      people: rate.default(DEFAULT_RATES.people),
      automation: rate.default(DEFAULT_RATES.automation),
      machine: rate.default(DEFAULT_RATES.machine),
    })
    .default(DEFAULT_RATES),
  /** `/healthz`, `/readyz` and `/metrics`, on a port of their own. */
  health: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port }).optional(),
  /** A SQLite file, made where there is none, or the URL of a PostgreSQL database, for several replicas (V6). */
  database: path.refine((text) => !isPostgresUrl(text) || namesDatabase(text), {
    message: 'is not the URL of a database: postgres://user@host:5432/database',
  }),
  /** 32 bytes in base64. Never in the database; without it the vault is sealed (V5). */
  rootKey: rootKeySource,
  /** Root keys of before: what they wrapped is still opened, nothing new is wrapped by them. */
  previousRootKeys: z.array(rootKeySource).max(8).default([]),
  /** The mail server; left out, mails are tried and given up, and nobody new gets an account. */
  mail: mailConfig.optional(),
  signUp: signUpConfig,
  webhooks: webhooksConfig,
  /** Left out: Free, Family, Team and Business, of which accounts take Free by themselves (P4). */
  plans: plansConfig.optional(),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']) })
    .default({ level: 'info' }),
});

const vaultConfig = vaultFields
  .refine(({ mail, publicUrl }) => mail?.smtp === undefined || publicUrl !== undefined, {
    path: ['publicUrl'],
    message: 'is required with mail: it is the address that mails tell',
  })
  .refine(({ mail, listen }) => mail?.outbox === undefined || isLoopback(listen.host), {
    path: ['mail', 'outbox'],
    message: 'is for development: mails are kept with their tokens, so the vault listens on loopback only',
  });

export type VaultConfig = z.infer<typeof vaultConfig>;

/** What is wrong with a configuration file: one line a fault, `file:line:column: field: text`. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads the configuration, its paths resolved against its own folder. Throws ConfigError. */
export function readVaultConfig(file: string): VaultConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: ${(error as Error).message}`]);
  }
  return parseVaultConfig(text, file);
}

/** Adds `publicUrl` to a file that has none; the rest of it stays as it is. */
export function writePublicUrl(file: string, publicUrl: string): void {
  const document = parseDocument(readFileSync(file, 'utf8'));
  document.set('publicUrl', publicUrl);
  writeFileSync(file, document.toString({ lineWidth: 0 }));
}

/** Pure half of `readVaultConfig`. JSON is YAML, so one parser reads both. Throws ConfigError. */
export function parseVaultConfig(text: string, file: string): VaultConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map(({ pos, message }) => `${place(pos[0])}: ${message}`));
  }
  const parsed = vaultConfig.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return withAbsolutePaths(parsed.data, dirname(resolve(file)));
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
      const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])];
      const text = unknown === undefined ? issue.message : 'there is no such field';
      return `${place(offsetOf(field))}: ${field.join('.') || 'file'}: ${text}`;
    }),
  );

  /** Where the field stands, or the nearest field around it that is written. */
  function offsetOf(field: readonly PropertyKey[]): number {
    for (let length = field.length; length >= 0; length--) {
      const node = document.getIn(field.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }
}

function namesDatabase(text: string): boolean {
  return URL.canParse(text) && new URL(text).pathname.length > 1;
}

/** The database as messages may name it: of a URL neither user and password nor parameters. */
export function shownDatabase(database: string): string {
  if (!isPostgresUrl(database)) return database;
  const { protocol, host, pathname } = new URL(database);
  return `${protocol}//${host}${pathname}`;
}

/** Whether a listener of this host is of this machine alone. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * The origins that signatures of automation may name (V4). A loopback address is none: it leads to another vault on
 * each machine.
 */
export function audiencesOf({ publicUrl, audiences }: VaultConfig): ReadonlySet<string> {
  const named = [...(publicUrl === undefined ? [] : [publicUrl]), ...audiences];
  return new Set(named.filter((url) => !isLoopbackUrl(url)).map(audienceOf));
}

function withAbsolutePaths(config: VaultConfig, folder: string): VaultConfig {
  const absolute = (path: string): string => resolve(folder, path);
  const located = (source: RootKeySource): RootKeySource =>
    'file' in source ? { file: absolute(source.file) } : source;
  const { tls } = config.listen;
  return {
    ...config,
    ...withAbsoluteOutgoing(config, absolute),
    database: isPostgresUrl(config.database) ? config.database : absolute(config.database),
    listen: {
      ...config.listen,
      ...(tls === undefined
        ? {}
        : {
            tls: {
              cert: absolute(tls.cert),
              key: absolute(tls.key),
              ...(tls.ca === undefined ? {} : { ca: absolute(tls.ca) }),
            },
          }),
    },
    rootKey: located(config.rootKey),
    previousRootKeys: config.previousRootKeys.map(located),
  };
}
