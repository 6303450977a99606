/**
 * What a pass over a large organization costs: 1,500 members, 766 templates that are held with 3,615 grants
 * beside. Observe and plan in this process against the real vault server: nothing moved, and something moved.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import { runPass } from '#engine/pass.ts';
import type { PassResult } from '#engine/pass-types.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { Processes } from '#test/control-plane/processes.ts';
import { figuresOf } from './process-figures.ts';
import { median, print } from './report.ts';
import { startVault, type VaultProcess } from './vault-process.ts';
import { bundleIn } from './world.ts';

const MEMBERS = 1_500;
const TEMPLATES = 766;
const GRANTS = 3_615;
const PROJECTS = 100;
const ROUNDS = 20;
const NAMESPACE = 'bench';

interface PassFigures {
  readonly ms: number;
  readonly cpuMs: number;
  readonly vaultCpuMs: number;
  readonly requests: number;
  readonly writes: number;
}

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  const processes = new Processes(folder);
  try {
    const vault = await startVault(await bundleIn(folder), processes, folder);
    let requests = 0;
    const provider = connect({
      ...(await credentialsOfFolder(vault.credentialsDir)),
      onRequest: () => {
        requests += 1;
      },
    });
    const objects = declared();
    const organization = organizationOf(vault);
    const lease = new VaultLease(`${NAMESPACE}/bench`, 'bench', 'Operator');
    const signal = AbortSignal.timeout(600_000);
    let last: PassResult | null = null;
    const pass = async (of: readonly CustomResource[]): Promise<PassFigures> => {
      const before = { requests, cpu: process.cpuUsage(), vault: (await figuresOf(vault.pid)).cpuSeconds };
      const started = performance.now();
      const { desired, findings } = desiredOf(organization, of, {
        complete: true,
        seenUnder: null,
        machineKeys: new Map(),
      });
      const result = await runPass({
        provider,
        organization,
        desired,
        findings,
        planApprovals: [],
        approvalsProvenSince: null,
        known: last?.observation.snapshot ?? null,
        anchor: last?.anchor ?? null,
        settling: last?.settling ?? {},
        settle: true,
        lease,
        only: null,
        now: () => Date.now(),
        signal,
      });
      last = result;
      const { user, system } = process.cpuUsage(before.cpu);
      return {
        ms: performance.now() - started,
        cpuMs: (user + system) / 1000,
        vaultCpuMs: ((await figuresOf(vault.pid)).cpuSeconds - before.vault) * 1000,
        requests: requests - before.requests,
        writes: result.writes,
      };
    };
    const first = await pass(objects);
    let settling = first;
    for (let again = 0; again < 10 && settling.writes > 0; again += 1) settling = await pass(objects);
    const still: PassFigures[] = [];
    for (let round = 0; round < ROUNDS; round += 1) still.push(await pass(objects));
    const moved: PassFigures[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      moved.push(await pass(withDescription(objects, `round ${round}`)));
    await lease.release(provider, signal);
    await provider.close();
    const of = (passes: readonly PassFigures[], field: keyof PassFigures): number =>
      median(passes.map((one) => one[field]));
    print(`a pass over ${MEMBERS} members, ${TEMPLATES} templates, ${GRANTS} grants, ${PROJECTS} projects`, [
      { figure: 'from nothing: time', value: first.ms / 1000, unit: 's' },
      { figure: 'from nothing: vault requests', value: first.requests },
      { figure: 'nothing moved: time', value: of(still, 'ms'), unit: 'ms' },
      { figure: 'nothing moved: CPU (desired, plan)', value: of(still, 'cpuMs'), unit: 'ms' },
      { figure: 'nothing moved: vault requests', value: of(still, 'requests'), target: '1' },
      { figure: 'nothing moved: writes', value: of(still, 'writes'), target: '0' },
      { figure: 'one object moved: time', value: of(moved, 'ms'), unit: 'ms' },
      { figure: 'one object moved: CPU', value: of(moved, 'cpuMs'), unit: 'ms' },
      { figure: 'one object moved: vault requests', value: of(moved, 'requests'), target: '15' },
      { figure: 'one object moved: writes', value: of(moved, 'writes'), target: '1' },
      { figure: 'one object moved: CPU of the vault', value: of(moved, 'vaultCpuMs'), unit: 'ms' },
    ]);
  } finally {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function organizationOf({ url, vaultId }: VaultProcess): CustomResource<'Organization'> {
  return {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind: 'Organization',
    metadata: { name: 'bench', namespace: NAMESPACE, uid: 'organization' },
    spec: { vault: { seneschal: { url, vaultId, credentialsSecretRef: { name: 'vault-credentials' } } } },
  } as unknown as CustomResource<'Organization'>;
}

function object(kind: string, name: string, spec: object): CustomResource {
  return {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind,
    metadata: { name, namespace: NAMESPACE, uid: `${kind}-${name}`, generation: 1 },
    spec: { organizationRef: { name: 'bench' }, ...spec },
  } as unknown as CustomResource;
}

function declared(): CustomResource[] {
  const grantsOf = (member: number): object[] => {
    const count = Math.floor(((member + 1) * GRANTS) / MEMBERS) - Math.floor((member * GRANTS) / MEMBERS);
    return Array.from({ length: count }, (_, index) => ({
      project: `project-${(member * 7 + index) % PROJECTS}`,
      access: index % 2 === 0 ? 'Read' : 'Write',
    }));
  };
  return [
    ...Array.from({ length: PROJECTS }, (_, index) => object('Project', `project-${index}`, {})),
    ...Array.from({ length: TEMPLATES }, (_, index) =>
      object('PermissionTemplate', `template-${index}`, {
        capabilities: { Projects: ['View'], Secrets: ['View'] },
        projectScope: { projects: [`project-${index % PROJECTS}`] },
      }),
    ),
    ...Array.from({ length: MEMBERS }, (_, index) =>
      object('Member', `member-${index}`, {
        email: `member-${index}@acme.example`,
        grants: grantsOf(index),
        ...(index < TEMPLATES ? { templateRef: { name: `template-${index}` } } : {}),
      }),
    ),
  ];
}

/** The same but for the description of the first project. */
function withDescription(objects: readonly CustomResource[], description: string): CustomResource[] {
  const [first, ...rest] = objects;
  if (first === undefined) return [];
  return [{ ...first, spec: { ...first.spec, description } } as CustomResource, ...rest];
}
