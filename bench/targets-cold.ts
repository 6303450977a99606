/**
 * Targets of five keys each, 100 a binding, all with different secrets: the operator starts with all of them
 * declared and none written, until every binding is Ready. `--large`: 10,000 in place of 1,000.
 */

import type { Secret } from '#kube/kube.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { allReady, applyAll, binding, list, organization, project } from './objects.ts';
import { figuresOf } from './process-figures.ts';
import { print } from './report.ts';
import { mounted, openWorld, type World } from './world.ts';

const PER_BINDING = 100;

export async function run(): Promise<void> {
  const targets = process.argv.includes('--large') ? 10_000 : 1_000;
  const large = targets > 1_000;
  const bindings = Array.from({ length: targets / PER_BINDING }, (_, index) => `b-${index}`);
  const world = await openWorld();
  try {
    await populate(world, bindings);
    await applyAll(
      world.admin,
      bindings.map((name) => binding(world, name, `p-${name}`, PER_BINDING)),
    );
    const revision = await world.revision();
    const vaultBefore = await figuresOf(world.vault.pid);
    const started = performance.now();
    const operator = await world.startOperator();
    await allReady(world, 'MachineBinding', bindings.length);
    const seconds = (performance.now() - started) / 1000;
    const [{ peakMiB, cpuSeconds }, requests, written, vault] = await Promise.all([
      operator.figures(),
      operator.requests(),
      world.revision(),
      figuresOf(world.vault.pid),
    ]);
    const right = await rightTargets(world, bindings);
    await operator.stop();
    const again = await restart(world);
    print(`${targets} targets of five keys, ${PER_BINDING} a binding`, [
      { figure: 'from start to all Ready', value: seconds, unit: 's', target: large ? '45 s' : '4 s' },
      { figure: 'targets with the right content', value: `${right} of ${targets}` },
      { figure: 'API requests a target', value: requests.api / targets, target: '1.2' },
      { figure: 'etcd writes a target', value: (written - revision) / targets, target: '1.2' },
      { figure: 'vault requests a target', value: requests.vault / targets, target: '0.05' },
      { figure: 'operator, peak RSS', value: peakMiB, unit: 'MiB', target: large ? '180 MiB' : '110 MiB' },
      { figure: 'operator, CPU', value: cpuSeconds, unit: 's', ...(large ? { target: '40 s' } : {}) },
      { figure: 'vault, CPU', value: vault.cpuSeconds - vaultBefore.cpuSeconds, unit: 's' },
      {
        figure: 'restart, to ready',
        value: again.readyMs / 1000,
        unit: 's',
        ...(large ? { target: '2 s' } : {}),
      },
      { figure: 'restart, requests', value: again.requests },
      { figure: 'restart, etcd writes but the lease', value: again.writes, target: '0' },
    ]);
    console.log(`  requests: ${JSON.stringify(requests.apiByVerb)} ${JSON.stringify(requests.vaultByRoute)}`);
  } finally {
    await world.close();
  }
}

/** The vault's side: projects with their secrets are there before the measurement begins. */
async function populate(world: World, bindings: readonly string[]): Promise<void> {
  const operator = await world.startOperator();
  await applyAll(world.admin, [
    organization(world),
    ...bindings.map((name) => project(world, `p-${name}`, PER_BINDING * 5)),
  ]);
  const ms = await allReady(world, 'Project', bindings.length);
  console.log(
    `  ${bindings.length * PER_BINDING * 5} secrets made at the vault in ${(ms / 1000).toFixed(1)} s`,
  );
  await operator.stop();
}

/** Targets whose five values are those that the machine itself reads. */
async function rightTargets(world: World, bindings: readonly string[]): Promise<number> {
  const secrets = new Map((await list<Secret>(world, 'secrets', 'v1')).map((it) => [it.metadata.name, it]));
  let right = 0;
  for (const name of bindings) {
    const client = MachineClient.fromFolder(await mounted(world, secrets.get(`${name}-key`)));
    const values = new Map((await client.exported()).map((secret) => [secret.name, secret.value]));
    for (let target = 0; target < PER_BINDING; target += 1) {
      const data = Object.entries(secrets.get(`${name}-${target}`)?.data ?? {});
      const holds = ([key, value]: [string, string]): boolean =>
        Buffer.from(value, 'base64').toString('utf8') === values.get(key);
      if (data.length === 5 && data.every(holds)) right += 1;
    }
  }
  return right;
}

/** A restart where nothing is to be done. */
async function restart(world: World) {
  const before = await world.revision();
  const operator = await world.startOperator();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const { api, apiByVerb, vault } = await operator.requests();
  const leaseWrites = (apiByVerb.replace ?? 0) + (apiByVerb.update ?? 0);
  const writes = (await world.revision()) - before - leaseWrites;
  await operator.stop();
  return {
    readyMs: operator.readyMs,
    requests: `${api} API ${JSON.stringify(apiByVerb)}, ${vault} vault`,
    writes,
  };
}
