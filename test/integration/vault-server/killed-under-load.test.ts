import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';
import { randomFrom, seedOfRun } from '#test/e2e/world/random.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { DIRECT } from '#vault/http/network.ts';
import type { Database } from '#vault/store/schema.ts';
import { openForReading } from '#vault/store/store.ts';
import { examine } from '#vault/upkeep/verification.ts';
import { owner } from '../vault/world/people.ts';
import { SECRETS, WriteLoad } from './write-load.ts';

const KILLS = Number(process.env.SENESCHAL_KILLS ?? 10);
/** What the requests of automation are signed for, whichever server takes them. */
const AUDIENCE = 'https://vault.test';
const SEED = seedOfRun();
/** From the first request to the kill at most, in milliseconds. */
const LONGEST = 600;

it(`killed ${KILLS} times while clients write, it loses nothing that it acknowledged, and its audit log is whole (A2, A3, V6)`, {
  timeout: 60_000 + KILLS * 10_000,
}, async () => {
  console.log(`killed under load: SENESCHAL_SEED=${SEED} SENESCHAL_KILLS=${KILLS}`);
  const random = randomFrom(SEED);
  await using vault = await startTestVault({ network: { ...DIRECT, audiences: new Set([AUDIENCE]) } });
  const { config, load } = await handedOver(vault);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const ended = load.run();
    await Promise.race([sleep(random() * LONGEST), ended]);
    server.signal('SIGKILL');
    await ended;
    await server.ended;
    expect(await lost(vault, load), `after kill ${kill + 1}`).toEqual([]);
  }
  console.log(
    `killed under load: ${load.entries.size} steps, ${load.invited.size} invites, ${load.reads} exports`,
  );
  expect(load.entries.size).toBeGreaterThan(0);
  expect(load.reads).toBeGreaterThan(0);
  expect([...load.secrets.values()].filter(({ version }) => version > 1)).toHaveLength(SECRETS.length);
  expect(await runVault(['verify', '--config', config])).toMatchObject({ code: 0, stderr: '' });
});

/** The database goes from the server of this process to those of their own. */
async function handedOver(vault: TestVault): Promise<{ config: string; load: WriteLoad }> {
  await setValues(vault, Object.fromEntries(SECRETS.map((name) => [`load/${name}`, 'first'])));
  const reader = await newMachine(vault, 'reader', [{ project: 'load', secrets: [...SECRETS] }]);
  const boss = await owner(vault);
  await vault.server.stop();

  const [port = 0] = await freePorts(1);
  const config = join(vault.folder, 'vault.yaml');
  const rootKey = join(vault.folder, 'root.key');
  writeFileSync(rootKey, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  const { name: database } = vault.database;
  writeFileSync(
    config,
    JSON.stringify({
      listen: { port },
      publicUrl: AUDIENCE,
      database,
      rootKey: { file: rootKey },
      log: { level: 'info' },
    }),
  );
  vault.server = { ...vault.server, port, stop: async () => {} };
  const machine = clientOf(vault, { id: reader.id, name: 'reader' }, reader.keys);
  return { config, load: new WriteLoad(vault, boss, machine) };
}

/** What was acknowledged and is not in the database, and what is wrong with it. */
async function lost(vault: TestVault, load: WriteLoad): Promise<string[]> {
  const wrong: string[] = [];
  const db = await openForReading(vault.database.name);
  try {
    wrong.push(...(await examine(db, new SecretCipher(ROOT_KEY))).faults);
    const members = await db.selectFrom('members').select('email').execute();
    const projects = await db.selectFrom('projects').select('name').execute();
    const entries = await db.selectFrom('audit_entries').select(['id', 'action', 'entry']).execute();
    wrong.push(
      ...missing(
        'invite of',
        load.invited,
        members.map(({ email }) => email),
      ),
    );
    wrong.push(
      ...missing(
        'project',
        load.projects,
        projects.map(({ name }) => name),
      ),
    );
    wrong.push(
      ...missing(
        'entry',
        load.entries,
        entries.map(({ id }) => id),
      ),
    );
    wrong.push(...(await olderValues(db, load)));
    const exports = entries
      .filter(({ action }) => action === 'secrets.read')
      .flatMap(({ entry }) => (JSON.parse(entry) as { details: { reads: unknown[] } }).details.reads);
    if (exports.length < load.reads)
      wrong.push(`${exports.length} reads in the log of ${load.reads} answered`);
    wrong.push(...twice(entries));
  } finally {
    await db.destroy();
  }
  return wrong;
}

/** Each value is the one that was acknowledged last, or one that was sent after it. */
async function olderValues(db: Kysely<Database>, load: WriteLoad): Promise<string[]> {
  const cipher = new SecretCipher(ROOT_KEY);
  const rows = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .innerJoin('secret_versions', (join) =>
      join
        .onRef('secret_versions.secret_id', '=', 'secrets.id')
        .onRef('secret_versions.version', '=', 'secrets.current_version'),
    )
    .select([
      'secrets.id',
      'secrets.name',
      'secrets.project_id',
      'secret_versions.version',
      'secret_versions.wrapped_key',
      'secret_versions.sealed',
      'projects.wrapped_key as project_key',
      'projects.root_key_id',
    ])
    .execute();
  return rows.flatMap(({ id, name, project_id, version, project_key, root_key_id, ...box }) => {
    const known = load.secrets.get(name);
    if (known === undefined || known.version === 0) return [];
    const wrapped = { wrapped_key: project_key ?? '', root_key_id: root_key_id ?? '' };
    const value = cipher.decrypt(project_id, wrapped, id, box).reveal();
    return version >= known.version && known.values.has(value) ? [] : [`secret ${name}: an older value`];
  });
}

function missing(what: string, acknowledged: ReadonlySet<string>, there: readonly string[]): string[] {
  const all = new Set(there);
  return [...acknowledged].filter((one) => !all.has(one)).map((one) => `${what} ${one}`);
}

/** A step that is sent again because its answer was lost is done once (V1). */
function twice(entries: readonly { readonly action: string; readonly entry: string }[]): string[] {
  const seen = new Set<string>();
  return entries
    .filter(({ action }) => action === 'project.created' || action === 'member.invited')
    .map(({ entry }) => {
      const { action, subject } = JSON.parse(entry) as { action: string; subject: { key: string } };
      return `${action} ${subject.key}`;
    })
    .filter((act) => seen.size === seen.add(act).size)
    .map((act) => `twice: ${act}`);
}
