import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { sha256 } from '#model/digest.ts';
import { eventually, type TestCluster } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { operatorProcesses } from './world/operator-process.ts';
import { randomFrom, seedOfRun } from './world/random.ts';
import { emailOf, openTeam, type Team, untilReady } from './world/team.ts';
import type { TestVault } from './world/vault.ts';
import { WORKERS, WORKLOAD } from './world/workload.ts';

const KILLS = Number(process.env.SENESCHAL_KILLS ?? 30);
const SEED = seedOfRun();
/** From start to kill at most; about 0.5 s of it is the start. */
const LONGEST_MS = 1_500;

it('loses nothing and does nothing twice, wherever it is killed: the end is that of an undisturbed run', {
  timeout: 120_000 + KILLS * 4_000,
}, async () => {
  console.log(`killed anywhere: SENESCHAL_SEED=${SEED} SENESCHAL_KILLS=${KILLS}`);
  const random = randomFrom(SEED);
  const [calm, killed] = await Promise.all([openTeam(WORKERS), openTeam(WORKERS)]);
  const expected = await undisturbed(calm);

  const operators = await operatorProcesses(killed.cluster);
  const waiting = [...WORKLOAD];
  const fingerprints = new Map<string, string>();
  for (let kill = 0; kill < KILLS; kill++) {
    // The workload is spread over the kills; what was not possible yet is tried again.
    const left = KILLS - kill;
    if (waiting.length > 0 && random() < (waiting.length * 1.5) / left && (await waiting[0]?.run(killed)))
      waiting.shift();
    const child = operators.start();
    await sleep(random() * LONGEST_MS);
    await operators.kill(child);
    await keepsKeys(killed.cluster, fingerprints);
  }

  operators.start();
  for (const step of waiting)
    await eventually(step.name, async () => ((await step.run(killed)) ? true : undefined), {
      explain: async () => [await operators.log(), await killed.vault.members()],
    });
  await untilSettled(killed).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${await operators.log()}`);
  });
  await keepsKeys(killed.cluster, fingerprints);
  expect(await endOf(killed)).toEqual(expected);
  expect(await doneTwice(killed.vault)).toEqual([]);
});

async function undisturbed(team: Team): Promise<unknown> {
  const operator = await startOperator(team.cluster);
  for (const step of WORKLOAD)
    await eventually(step.name, async () => ((await step.run(team)) ? true : undefined), {
      explain: async () => operator.log,
    });
  await untilSettled(team);
  const end = await endOf(team);
  await operator.stop();
  return end;
}

/** Nothing is declared that is not so, and nobody is there who is not declared. */
async function untilSettled({ cluster, vault }: Team): Promise<void> {
  await eventually('frank to be removed', async () =>
    (await vault.members()).some((row) => row.startsWith(emailOf('frank'))) ? undefined : true,
  );
  await untilReady(cluster);
}

/** Everything that must be the same, without ids, times and the names of the test's namespaces. */
async function endOf({ cluster, vault }: Team): Promise<unknown> {
  const state = await vault.observe();
  const { admin, namespace } = cluster;
  const secrets = (await admin.list(SECRETS, { namespace })).items;
  const keysByMachine = new Map(state.machines.map(({ name, keys }) => [name, keys]));
  return {
    members: state.members.map(({ email, role, template, projectScope, grants, state: is }) => ({
      email,
      role,
      template,
      projectScope,
      grants,
      is,
    })),
    templates: state.templates.map(({ id: _, ...template }) => template),
    projects: state.projects.map(({ id: _, ...project }) => project),
    secrets: state.secrets.map(({ id: _, ...secret }) => secret),
    machines: state.machines.map(({ id: _, keys, ...machine }) => ({ ...machine, keys: keys.length })),
    records: state.records.map(({ kind, key }) => `${kind} ${kind === 'Organization' ? '' : key}`).sort(),
    tombstones: state.tombstones.map(({ kind, key, act }) => ({ kind, key, act })),
    reservations: state.reservations.length,
    clusterSecrets: secrets.map(({ metadata, data }) => ({
      name: metadata.name,
      keys: Object.keys(data ?? {}).sort(),
    })),
    /** The key that pods mount is the one that the vault accepts. */
    accepted: secrets
      .filter(({ data }) => data?.['public.pem'] !== undefined)
      .map(({ metadata, data }) => {
        const machine = Buffer.from(data?.['machine-name'] ?? '', 'base64').toString('utf8');
        const keys = keysByMachine.get(machine) ?? [];
        return [metadata.name, keys.some(({ fingerprint }) => fingerprint === fingerprintOf(data ?? {}))];
      }),
    value: Buffer.from(
      secrets.find(({ metadata }) => metadata.name === 'checkout-env')?.data?.['db-password'] ?? '',
      'base64',
    ).toString('utf8'),
  };
}

/** A key that pods could mount once is never another one afterwards. */
async function keepsKeys(
  { admin, namespace }: TestCluster,
  fingerprints: Map<string, string>,
): Promise<void> {
  for (const { metadata, data } of (await admin.list(SECRETS, { namespace })).items) {
    if (data?.['public.pem'] === undefined || !metadata.name.endsWith('-key')) continue;
    const fingerprint = fingerprintOf(data);
    expect(fingerprints.get(metadata.name) ?? fingerprint).toBe(fingerprint);
    fingerprints.set(metadata.name, fingerprint);
  }
}

/** SHA-256 of the raw public key, which ends an Ed25519 SPKI document. */
function fingerprintOf(data: Readonly<Record<string, string>>): string {
  const pem = Buffer.from(data['public.pem'] ?? '', 'base64').toString('utf8');
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return sha256(der.subarray(-32));
}

/** Acts that the audit log has twice though they may happen once. */
async function doneTwice(vault: TestVault): Promise<string[]> {
  const once = new Set([
    'member.invited',
    'invite.sent',
    'machine.registered',
    'machine.key-added',
    'project.created',
    'template.created',
    'member.removed',
  ]);
  const seen = new Map<string, number>();
  for (const { action, subject } of await vault.audit()) {
    if (!once.has(action)) continue;
    const act = `${action} ${subject.kind} ${subject.key}`;
    seen.set(act, (seen.get(act) ?? 0) + 1);
  }
  return [...seen].filter(([, times]) => times > 1).map(([act]) => act);
}
