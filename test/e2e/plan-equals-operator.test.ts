import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { GROUP, type Kind, type Spec, VERSION } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { EVENTS } from '#kube/kube.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { program } from '#test/program/program.ts';
import { eventually } from './world/cluster.ts';
import { type RunningOperator, startOperator } from './world/operator.ts';
import { randomFrom, seedOfRun } from './world/random.ts';
import { openTeam, type Team, untilSays } from './world/team.ts';

const root = join(import.meta.dirname, '..', '..');
const SEED = seedOfRun();
const ROUNDS = 5;

interface Declared {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

it('does of examples/acme exactly the steps that plan prints for the folder', async () => {
  const team = await openTeam(['alice', 'bob', 'carol', 'dave', 'erin', 'frank']);
  const operator = await startOperator(team.cluster);
  await railsApplied(team, operator);
  const objects = (await manifestsIn(join(root, 'examples', 'acme'))).map((object) => ({
    ...object,
    metadata: { ...object.metadata, namespace: team.cluster.namespace },
    spec: object.kind === 'Organization' ? { ...object.spec, ...team.organization } : object.spec,
  }));
  await sameSteps(team, operator, objects, []);
});

it('does of random organizations, edited again and again, exactly the steps that plan prints', async () => {
  console.log(`plan equals operator: SENESCHAL_SEED=${SEED}`);
  const random = randomFrom(SEED);
  const team = await openTeam(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
  const operator = await startOperator(team.cluster);
  await railsApplied(team, operator);
  let before: readonly Declared[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const objects = randomOrganization(team, random);
    await sameSteps(team, operator, objects, before);
    before = objects;
  }
});

/** A plan judges by the rails that are in force, and not by those that it brings where they are looser. */
async function railsApplied({ cluster, organization }: Team, operator: RunningOperator): Promise<void> {
  await cluster.apply('Organization', 'acme', organization);
  await untilSays(cluster, 'Organization/acme', 'Ready=True/Succeeded', operator);
}

/** Plans the folder, applies the same objects to the cluster, and compares what the operator then did. */
async function sameSteps(
  team: Team,
  operator: RunningOperator,
  objects: readonly Declared[],
  before: readonly Declared[],
): Promise<void> {
  const { cluster } = team;
  const planned = await planOf(team, objects);
  const seen = (await executed(team)).length;
  // The plan is of the whole folder: the operator is to see it whole too, and not object by object.
  await cluster.apply('Organization', 'acme', { ...team.organization, suspend: true });
  await untilSays(cluster, 'Organization/acme', 'Suspended=True/Suspended', operator);
  for (const { kind, metadata } of before)
    if (!objects.some((object) => object.kind === kind && object.metadata.name === metadata.name))
      await cluster.remove(kind, metadata.name);
  const last = ({ kind }: Declared): number => (kind === 'Organization' ? 1 : 0);
  for (const { kind, metadata, spec } of [...objects].sort((a, b) => last(a) - last(b)))
    await cluster.apply(kind, metadata.name, spec as Spec<Kind>);
  await untilQuiet(operator);
  const ran = (await executed(team)).slice(seen).sort();
  const held = planned.filter(({ standing }) => standing === 'Held').map(nameOf);
  const explained = { ran, held, log: operator.log, statuses: await stalled(team) };
  expect(ran, JSON.stringify(explained, null, 1)).toEqual(
    planned
      .filter(({ standing }) => standing !== 'Held')
      .map(nameOf)
      .sort(),
  );
}

interface PlannedStep {
  readonly kind: string;
  readonly key: string;
  readonly standing: string;
}
const nameOf = ({ kind, key }: PlannedStep): string => `${kind} ${key}`;

async function planOf(
  { vault, cluster }: Team,
  objects: readonly Declared[],
): Promise<readonly PlannedStep[]> {
  const folder = join(await testFolder(), 'folder');
  await mkdir(folder);
  for (const object of objects)
    await writeFile(join(folder, `${object.kind}-${object.metadata.name}.yaml`), JSON.stringify(object));
  const args = ['plan', folder, '-o', 'json', '--credentials', vault.credentialsDir];
  const text = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program(), ...args, '--namespace', cluster.namespace],
      { maxBuffer: 1 << 24 },
      (_, stdout, stderr) => {
        // 2: changes pending, 3: some of them held, 5: something is refused, as a project that was given up and is declared anew.
        if ([0, 2, 3, 5].includes(child.exitCode ?? 1)) resolve(stdout);
        else reject(new Error(`plan ended with ${child.exitCode}\n${stdout}${stderr}`));
      },
    );
  });
  return (JSON.parse(text) as { steps: PlannedStep[] }).steps;
}

/** The steps that the operator told of, by Events. */
async function executed({ cluster }: Team): Promise<string[]> {
  const { items } = await cluster.admin.list(EVENTS, { namespace: cluster.namespace });
  return items
    .filter(({ type, note }) => type === 'Normal' && STEPS.test(note))
    .sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1))
    .flatMap(({ note }) => note.replace(/ \(.*\)$/, '').split('; '));
}

const STEPS =
  /^(RenameOrganization|ApplySettings|(Create|Update|Delete)(Template|Group|Project|Secret)|(Invite|Suspend|Unsuspend|Remove)Member|(Resend|Cancel)Invite|SetMemberAccess|AddMachineKey|(Register|Enable|Disable|Revoke)Machine|SetMachineAccess|Claim|Release) /;

/** No request but the long poll for longer than losses settle. */
async function untilQuiet(operator: RunningOperator): Promise<void> {
  const requests = (): number => operator.vault.filter((request) => !request.includes('/changes')).length;
  let seen = -1;
  let since = Date.now();
  await eventually('the operator to be quiet', () => {
    if (requests() !== seen) {
      seen = requests();
      since = Date.now();
    }
    return Date.now() - since > 2_000 ? true : undefined;
  });
}

async function stalled({ cluster }: Team): Promise<string[]> {
  const { items } = await cluster.admin.list(resourceType('Organization'), { namespace: cluster.namespace });
  return items.map(({ status }) => JSON.stringify(status));
}

async function manifestsIn(folder: string): Promise<Declared[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Declared));
}

function randomOrganization(team: Team, random: () => number): Declared[] {
  const { namespace } = team.cluster;
  const organizationRef = { name: 'acme' };
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const some = <T>(list: readonly T[]): T[] => list.filter(() => chance(0.5));
  // Never empty: where a list was applied with items before, server-side apply makes null of an empty one.
  const atLeastOne = <T>(list: readonly T[]): T[] => {
    const chosen = some(list);
    return chosen.length > 0 ? chosen : list.slice(0, 1);
  };
  const declared = <K extends Kind>(kind: K, name: string, spec: Spec<K>): Declared => ({
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { namespace, name },
    spec,
  });
  const projects = ['api', 'web', 'data'].filter((name) => name === 'api' || chance(0.7));
  const templates = ['dev', 'ops'].filter((name) => name === 'dev' || chance(0.6));
  const people = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'].filter(() => chance(0.8));
  return [
    declared('Organization', 'acme', { ...team.organization, displayName: pick(['Acme', 'Acme Inc']) }),
    ...templates.map((name) =>
      declared('PermissionTemplate', name, {
        organizationRef,
        capabilities: {
          Secrets: ['View', ...some(['Manage'])],
          Projects: ['View', ...some(['Manage'])],
          ...(chance(0.5) ? { Trash: ['View'] } : {}),
        },
        projectScope: chance(0.5) ? { all: true } : { projects: atLeastOne(projects) },
      }),
    ),
    ...projects.map((name) =>
      declared('Project', name, {
        organizationRef,
        description: pick(['one', 'two']),
        secrets: ['a', 'b'].map((secret) => ({ name: secret, generator: { length: 16 } })),
        grants: atLeastOne(people).map((person) => ({
          member: `${person}@acme.example`,
          access: pick(['Read', 'Write'] as const),
        })),
      }),
    ),
    ...people.map((name) =>
      declared('Member', name, {
        organizationRef,
        email: `${name}@acme.example`,
        role: chance(0.2) ? 'Admin' : 'Member',
        ...(chance(0.6) ? { templateRef: { name: pick(templates) } } : {}),
        grants: atLeastOne(projects).map((project) => ({
          project,
          access: pick(['Read', 'Write'] as const),
        })),
      }),
    ),
    ...some(['m0', 'm1', 'm2']).map((name) =>
      declared('MachineBinding', name, {
        organizationRef,
        machineName: name,
        projects: atLeastOne(projects).map((project) => ({ name: project, secrets: atLeastOne(['a', 'b']) })),
        key: { secretName: `${name}-key` },
      }),
    ),
  ];
}
