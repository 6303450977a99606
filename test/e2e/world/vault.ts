/** A real vault server in a process of its own, and people who act in it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Provenance } from '#model/record.ts';
import type { Snapshot } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { filesIn } from '#test/builders/credentials.ts';
import { Processes } from '#test/control-plane/processes.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { program } from '#test/program/program.ts';

/** What `seneschal vault dev` prints. */
interface DevVault {
  readonly url: string;
  readonly vaultId: string;
  readonly credentialsDir: string;
  readonly owner: Account;
  readonly people: readonly Account[];
}

interface Account {
  readonly email: string;
  readonly passwordFile: string;
}

export interface AuditEntry {
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
  readonly provenance: Provenance;
}

export interface TestVault {
  readonly url: string;
  readonly vaultId: string;
  readonly credentialsDir: string;
  /** Path of the SQLite file, for what whoever runs the server does. */
  readonly database: string;
  /** Data of the Secret with the credentials. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The state as the automation identity observes it. */
  observe(): Promise<Snapshot['state']>;
  /** State and what is beside it. */
  observation(): Promise<Awaited<ReturnType<ReturnType<typeof connect>['observe']>>>;
  /** Names of the members by state: `alice@acme.example Active`. */
  members(): Promise<string[]>;
  answerInvite(email: string, answer: 'accept' | 'decline'): Promise<void>;
  /** An act of the owner, below the vault's path. */
  asOwner(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>;
  /** Entries of the audit log, newest last. */
  audit(): Promise<AuditEntry[]>;
  setSecret(project: string, name: string, value: string): Promise<void>;
  /** What the server wrote to its log. */
  log(): Promise<string>;
  /** Kills the server's process. */
  kill(): Promise<void>;
}

export async function startVault(people: readonly string[]): Promise<TestVault> {
  const folder = await testFolder();
  const processes = new Processes(folder);
  onTestFinished(() => processes.stop());
  const args = [program(), 'vault', 'dev', '-o', 'json', '--port', '0', '--dir', join(folder, 'data')];
  processes.start('vault', process.execPath, [...args, ...people.flatMap((email) => ['--person', email])]);
  let dev: DevVault | undefined;
  await processes.until('vault', async () => {
    const log = await readFile(join(folder, 'vault.log'), 'utf8');
    const line = log.split('\n').find((text) => text.includes('"credentialsDir"') && text.endsWith('}'));
    if (line !== undefined) dev = JSON.parse(line) as DevVault;
    return dev !== undefined;
  });
  if (dev === undefined) throw new Error('the vault printed nothing');
  const database = join(folder, 'data', 'vault.db');
  return {
    ...(await testVault(dev, database)),
    log: () => readFile(join(folder, 'vault.log'), 'utf8'),
    kill: () => processes.stop(),
  };
}

async function testVault(dev: DevVault, database: string): Promise<Omit<TestVault, 'log' | 'kill'>> {
  const { url, vaultId, credentialsDir, owner } = dev;
  const provider = connect(await credentialsOfFolder(credentialsDir));
  onTestFinished(() => provider.close());
  const observation = () => provider.observe(null, AbortSignal.timeout(10_000));
  const observe = async () => (await observation()).snapshot.state;
  const ownerSession = async (): Promise<string> => {
    const token = await signIn(url, owner);
    await call(url, 'PUT', '/sessions/current/vault', token, { vaultId });
    return token;
  };
  const base = `/vaults/${vaultId}`;
  return {
    url,
    vaultId,
    credentialsDir,
    database,
    credentials: filesIn(credentialsDir),
    observe,
    observation,
    members: async () => (await observe()).members.map(({ email, state }) => `${email} ${state}`),
    answerInvite: async (email, answer) => {
      const account = dev.people.find((person) => person.email === email);
      if (account === undefined) throw new Error(`the vault has no account ${email}`);
      const token = await signIn(url, account);
      const { invites } = await call<{ invites: { id: string }[] }>(url, 'GET', '/me/invites', token);
      const [invite] = invites;
      if (invite === undefined) throw new Error(`${email} has no invite`);
      await call(url, 'POST', `/me/invites/${invite.id}/${answer}`, token, {});
    },
    asOwner: async (method, path, body) => {
      await call(url, method, `${base}${path}`, await ownerSession(), body ?? {});
    },
    audit: async () => {
      const token = await ownerSession();
      const entries: AuditEntry[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const path = `${base}/audit?limit=500&after=${after}`;
        const page: { entries: AuditEntry[]; next: number | null } = await call(url, 'GET', path, token);
        entries.push(...page.entries);
        after = page.next;
      }
      return entries;
    },
    setSecret: async (project, name, value) => {
      await call(url, 'PUT', `${base}/projects/${project}/secrets/${name}`, await ownerSession(), { value });
    },
  };
}

async function signIn(url: string, { email, passwordFile }: Account): Promise<string> {
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const { token } = await call<{ token: string }>(url, 'POST', '/sessions', undefined, { email, password });
  return token;
}

async function call<R>(url: string, method: string, path: string, token?: string, body?: object): Promise<R> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as R;
}
