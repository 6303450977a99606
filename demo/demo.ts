/**
 * `npm run demo`: the main job on a real API server, a real vault and the real operator, each a process of
 * its own on loopback. `--verbose` prints plans and tables too, `--keep` leaves it running.
 */
import { join } from 'node:path';
import { NoControlPlaneError } from '#test/control-plane/resolve.ts';
import { apply, encodedFilesIn, type Manifest, manifestsOf, remove, until } from './cluster.ts';
import { WorkingCopy } from './commit.ts';
import { footprint, requestsOf } from './footprint.ts';
import { leaks } from './leaks.ts';
import { acceptInvite, declineInvite } from './people.ts';
import { readAsPod, targetValue } from './pod.ts';
import { Report } from './report.ts';
import { notReady, objectsOf, type Reconciled, readyRow } from './statuses.ts';
import { metricsOf, openWorld, SYSTEM_NAMESPACE, type World } from './world.ts';

const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'acme');
const KINDS = ['Organization', 'Member', 'PermissionTemplate', 'Project', 'MachineBinding'];

const report = new Report(process.argv.includes('--verbose'));
const keep = process.argv.includes('--keep');
let world: World | undefined;
let closing: Promise<void> | undefined;

const close = (): Promise<void> => {
  closing ??= world?.close() ?? Promise.resolve();
  return closing;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void close().finally(() => process.exit(130)));
}

try {
  world = await openWorld(report.print);
  await play(world);
  if (keep) await leaveRunning(world);
  await close();
  report.print('demo: ok');
} catch (error) {
  if (closing === undefined) {
    report.print(error instanceof NoControlPlaneError ? error.message : String(error));
    if (world !== undefined && !(error instanceof NoControlPlaneError)) await endOfLogs(world);
  }
  await close();
  process.exitCode ||= 1;
}

async function play(at: World): Promise<void> {
  const done: string[][] = [];
  const act = async (what: string, run: () => Promise<string>): Promise<void> => {
    const started = Date.now();
    const effect = await run();
    const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
    report.print(`   ${what}: ${effect} (${took})`);
    done.push([what, effect, took]);
  };
  const copy = await WorkingCopy.of(EXAMPLE, join(at.folder, 'acme'));
  await copy.edit('Organization', 'acme', (organization) => {
    // Rail 1 waits for 30 s of quiet before a loss; the demo has no more than a minute and a half.
    organization.setIn(['spec', 'rails', 'settle'], '2s');
  });

  report.heading('The plan for the folder, as a pull request would show it');
  const first = await plan(at, copy.folder);
  report.plan(first);

  report.heading('The first commit names approvers and an admin: the owner approves it once (rails 1 and 2)');
  await act('the first commit approved in the vault', () => approveFirstCommit(at, copy.folder));

  report.heading('The operator starts, and the folder is applied');
  await act('operator started under its own RBAC', async () => {
    await at.startOperator();
    return `ready, ${(await footprint(at)).rss} MiB`;
  });
  await act('credentials and examples/acme applied', async () => {
    await apply(at.admin, await credentialsSecret(at));
    for (const object of await manifestsOf(copy.folder)) await apply(at.admin, object);
    return `${(await manifestsOf(copy.folder)).length} objects`;
  });
  await act('the one value that no generator makes, set at the vault', () =>
    setValue(at, 'payments', 'stripe-api-key', 'first'),
  );
  await act('everything reconciled', () => settled(at, copy.folder));
  await statuses(at);

  report.heading('One invitee accepts, another declines');
  const [alice, bob] = at.vault.people;
  if (alice === undefined || bob === undefined) throw new Error('the vault has nobody to invite');
  await act(`${alice.email} accepts`, async () => {
    await acceptInvite(at.vault, alice);
    return until(
      'the acceptance in the status',
      () => condition(at, 'Member', alice.email, 'Joined', 'True'),
      20,
    );
  });
  await act(`${bob.email} declines`, async () => {
    await declineInvite(at.vault, bob);
    return until(
      'the refusal in the status',
      () => condition(at, 'Member', bob.email, 'Joined', 'False', 'ReinstateNeeded'),
      20,
    );
  });
  await statuses(at, ['Member']);

  report.heading('A commit: a template gains a cell, a member goes, a binding asks for one more secret');
  const before = await manifestsOf(copy.folder);
  await copy.edit('PermissionTemplate', 'developers', (template) => {
    template.addIn(['spec', 'capabilities', 'Trash'], 'View');
  });
  await copy.remove('Member', 'frank');
  await copy.edit('Project', 'website', (project) => {
    project.deleteIn(['spec', 'grants']);
  });
  await copy.edit('MachineBinding', 'checkout-api', (binding) => {
    binding.addIn(['spec', 'projects', 0, 'secrets'], 'webhook-signing-key');
    binding.addIn(['spec', 'targets', 0, 'data'], {
      key: 'WEBHOOK_SIGNING_KEY',
      project: 'payments',
      secret: 'webhook-signing-key',
    });
  });
  report.plan(await plan(at, copy.folder));
  await act('the commit applied, the removed object pruned', async () => {
    const after = await manifestsOf(copy.folder);
    for (const object of after) await apply(at.admin, object);
    const gone = before.filter((object) => !after.some((other) => same(object, other)));
    for (const object of gone) await remove(at.admin, object);
    return `${gone.length} object gone`;
  });
  await act('frank@acme.example removed after the settle time', async () => {
    await until(
      'frank to be gone from the plan',
      async () => {
        const text = await plan(at, copy.folder);
        return text.includes('frank@') ? undefined : text;
      },
      30,
      async () => `${await plan(at, copy.folder)}\n${await organizationStatus(at)}`,
    );
    return 'gone from the vault';
  });
  await act('one more value in the target', async () => {
    await until('the new key', () => targetValue(at, 'checkout-env', 'WEBHOOK_SIGNING_KEY'), 20);
    return 'checkout-env has WEBHOOK_SIGNING_KEY';
  });

  report.heading('A value changes at the vault; the target follows');
  await act('stripe-api-key replaced', () => setValue(at, 'payments', 'stripe-api-key', 'second'));
  await act('target Secret follows', async () => {
    const wanted = demoValue('second');
    await until(
      'the new value',
      async () => ((await targetValue(at, 'checkout-env', 'STRIPE_API_KEY')) === wanted ? true : undefined),
      20,
    );
    return 'checkout-env holds the new version';
  });

  report.heading('A pod reads, from the files of the key Secret alone');
  await act('one signed read and one export', () =>
    readAsPod(at, 'checkout-api-key', 'stripe-api-key', demoValue('second')),
  );

  report.heading('Somebody deletes every member: it is held, and says whom it would have taken (rail 9)');
  const members = (await manifestsOf(copy.folder)).filter(({ kind }) => kind === 'Member');
  await act('every Member object deleted', async () => {
    for (const member of members) await remove(at.admin, member);
    return `${members.length} objects gone from the cluster`;
  });
  await act('the operator', () => until('the hold in the status', () => massDeletion(at), 30));
  await act('the vault has lost nobody', async () => {
    const person = ['--as', at.vault.owner.email, '--password-file', at.vault.owner.passwordFile];
    const place = ['--url', at.vault.url, '--vault', at.vault.vaultId, '-o', 'json'];
    const listed = JSON.parse(await at.seneschal(['vault', 'member', 'list', ...place, ...person]));
    const there = new Set((listed.members as { email: string }[]).map(({ email }) => email));
    // Who declined is no member of anything any more.
    const lost = members
      .map(({ spec }) => (spec as { email: string }).email)
      .filter((email) => email !== bob.email && !there.has(email));
    if (lost.length > 0) throw new Error(`removed: ${lost.join(', ')}`);
    return `${there.size} people are where they were`;
  });
  await act('the folder applied again', async () => {
    for (const member of members) await apply(at.admin, member);
    return until(
      'the hold to be over',
      async () => ((await massDeletion(at)) === undefined ? 'nothing is held any more' : undefined),
      30,
    );
  });

  await statuses(at);
  report.table(['step', 'effect', 'took'], done);

  report.heading('What it took');
  const metrics = await metricsOf(at);
  report.table(['requests of the operator', 'count'], requestsOf(metrics));
  const { rss, peak, objects } = await footprint(at);
  report.print(`   operator: ${rss} MiB resident, ${peak} MiB at its peak, with ${objects} objects`);

  const searched = await leaks(at, report.text, metrics);
  if (searched.found.length > 0) throw new Error(`a secret text was found in: ${searched.found.join(', ')}`);
  report.print(
    `   ${searched.needles} secret texts looked for in logs, Events, statuses and metrics: none found`,
  );
}

async function plan(at: World, folder: string): Promise<string> {
  // 2: changes pending, 3: held by a rail. Both are what a reviewer wants to see.
  return at.seneschal(['plan', folder, '--credentials', at.vault.credentialsDir], [0, 2, 3]);
}

async function approveFirstCommit(at: World, folder: string): Promise<string> {
  const json = await at.seneschal(
    ['plan', folder, '--credentials', at.vault.credentialsDir, '-o', 'json'],
    [0, 2, 3],
  );
  const { digest } = JSON.parse(json) as { digest: string };
  const owner = ['--as', at.vault.owner.email, '--password-file', at.vault.owner.passwordFile];
  const place = ['--url', at.vault.url, '--vault', at.vault.vaultId];
  await at.seneschal(['approve', digest, ...place, ...owner, '--reason', 'the first commit'], [0]);
  return digest.slice(0, 12);
}

async function credentialsSecret(at: World): Promise<Manifest> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'vault-credentials', namespace: at.namespace },
    data: await encodedFilesIn(at.vault.credentialsDir),
  } as Manifest;
}

/** A value that the search for leaks would recognize. */
function demoValue(version: string): string {
  return `sk_demo_${version}_${'x9'.repeat(12)}`;
}

async function setValue(at: World, project: string, name: string, version: string): Promise<string> {
  const person = ['--as', at.vault.owner.email, '--password-file', at.vault.owner.passwordFile];
  const place = ['--url', at.vault.url, '--vault', at.vault.vaultId, '--project', project];
  await until(
    `the project ${project} at the vault`,
    () =>
      at
        .seneschal(['vault', 'secret', 'set', name, ...place, ...person], [0], demoValue(version))
        .catch(() => undefined),
    30,
  );
  return `${project}/${name}`;
}

async function settled(at: World, folder: string): Promise<string> {
  const names = new Set((await manifestsOf(folder)).map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const objects = await until(
    'every object to be Ready',
    async () => {
      const all = await objectsOf(at, KINDS);
      const ours = all.filter(({ kind, metadata }) => names.has(`${kind}/${metadata.name}`));
      return ours.length > 0 && notReady(ours).length === 0 ? ours : undefined;
    },
    60,
    async () =>
      notReady(await objectsOf(at, KINDS))
        .map((object) => readyRow(object).join('  '))
        .join('\n'),
  );
  return `${objects.length} objects Ready`;
}

async function condition(
  at: World,
  kind: string,
  email: string,
  type: string,
  status: string,
  reason?: string,
): Promise<string | undefined> {
  const objects = await objectsOf(at, [kind]);
  const object = objects.find(({ spec }) => spec.email === email);
  const found = object?.status?.conditions?.find((it) => it.type === type);
  if (found?.status !== status || (reason !== undefined && found.reason !== reason)) return undefined;
  return `${type}=${found.status} (${found.reason})`;
}

/** What the Organization says of a deletion that is held; undefined: none is. */
async function massDeletion(at: World): Promise<string | undefined> {
  const [organization] = await objectsOf(at, ['Organization']);
  const held = organization?.status?.conditions?.find(({ type }) => type === 'PlanHeld');
  const isMass = held?.status === 'True' && /MassAbsence|EmptySource/.test(held.message + held.reason);
  return isMass ? `PlanHeld=True: ${held.message.slice(0, 300)}` : undefined;
}

async function statuses(at: World, kinds: readonly string[] = KINDS): Promise<void> {
  const objects: Reconciled[] = await objectsOf(at, kinds);
  report.table(['object', 'ready', 'reason', 'more'], objects.map(readyRow));
}

async function organizationStatus(at: World): Promise<string> {
  return JSON.stringify((await objectsOf(at, ['Organization']))[0]?.status, null, 2);
}

function same(a: Manifest, b: Manifest): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name;
}

async function leaveRunning(at: World): Promise<void> {
  report.heading('Left running; Ctrl-C ends it');
  report.indented(
    [
      `export KUBECONFIG=${at.controlPlane.adminKubeconfig}`,
      `vault: ${at.vault.url}  (${at.vault.vaultId}), credentials in ${at.vault.credentialsDir}`,
      '',
      `${at.controlPlane.kubectl} -n ${at.namespace} get organizations,members,projects,machinebindings`,
      `${at.controlPlane.kubectl} -n ${at.namespace} delete member --all    # held, and says so`,
      `${at.controlPlane.kubectl} -n ${at.namespace} get secrets`,
      `node dist/seneschal.js plan ${join(at.folder, 'acme')} --credentials ${at.vault.credentialsDir}`,
      '',
      `kill ${at.operator.pid()}    # its operator; then start yours, in a debugger by .vscode/launch.json:`,
      `node src/main.ts operator --kubeconfig ${at.controlPlane.adminKubeconfig} --namespace ${SYSTEM_NAMESPACE}`,
    ].join('\n'),
  );
  await new Promise(() => setInterval(() => undefined, 1 << 30));
}

async function endOfLogs(at: World): Promise<void> {
  for (const [name, log] of await at.logs()) {
    report.print(`-- the end of ${name}`);
    report.indented(log.trimEnd().split('\n').slice(-15).join('\n'));
  }
}
