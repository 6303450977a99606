import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, tokenKubeconfig, writeKubeconfig } from './kubeconfigs.ts';
import { freePorts, Processes } from './processes.ts';
import { type Programs, resolveControlPlane } from './resolve.ts';

/** A person who can log in to the API server. */
export interface Person {
  readonly name: string;
  readonly groups: readonly string[];
}

/** People without any right until a test binds some to them. */
export const PEOPLE: readonly Person[] = [
  { name: 'alice@acme.example', groups: ['acme:platform'] },
  { name: 'bob@acme.example', groups: ['acme:security'] },
];

export interface ControlPlane {
  /** Path of a kubeconfig with all rights. */
  readonly adminKubeconfig: string;
  /** Path of a kubeconfig for each of `PEOPLE`, by name; empty in an existing cluster. */
  readonly people: ReadonlyMap<string, string>;
  /** Path of kubectl; in an existing cluster whatever is on the PATH. */
  readonly kubectl: string;
  /** True if namespaces are emptied and removed after their deletion, and owned objects collected. */
  readonly hasControllerManager: boolean;
  /** Path of the API server's audit log, of who lists and watches Secrets and ConfigMaps; empty in an existing cluster. */
  readonly auditLog: string;
  /** Process id of the API server, for tests of what it costs; undefined in an existing cluster. */
  readonly apiserverPid: number | undefined;
  /** Stops the programs and removes their folder. An existing cluster is left alone. */
  stop(): Promise<void>;
}

/**
 * Brings up etcd, kube-apiserver and kube-controller-manager on loopback, with their data in a
 * temporary folder. They end with `stop()`, and when this process ends in whatever way.
 * @throws NoControlPlaneError
 */
export async function startControlPlane(print: (line: string) => void): Promise<ControlPlane> {
  const resolved = await resolveControlPlane(print);
  if (resolved.from === 'existing') {
    return {
      adminKubeconfig: resolved.kubeconfig,
      people: new Map(),
      kubectl: 'kubectl',
      hasControllerManager: true,
      auditLog: '',
      apiserverPid: undefined,
      stop: async () => undefined,
    };
  }
  // A port that was free may be taken by the time that it is bound: then another try.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startPrograms(resolved.programs, print);
    } catch (error) {
      if (attempt === 3 || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startPrograms(programs: Programs, print: (line: string) => void): Promise<ControlPlane> {
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-control-plane-'));
  const processes = new Processes(folder);
  try {
    const cluster = await startApiserver(programs, processes, folder, print);
    const admin = await writeKubeconfig(
      join(folder, 'admin.kubeconfig'),
      tokenKubeconfig(cluster, cluster.adminToken),
    );
    const people = new Map<string, string>();
    for (const [index, person] of PEOPLE.entries()) {
      const token = cluster.personTokens[index] ?? '';
      const path = join(folder, `person-${index}.kubeconfig`);
      people.set(person.name, await writeKubeconfig(path, tokenKubeconfig(cluster, token)));
    }
    if (programs.kubeControllerManager !== undefined) {
      processes.start(
        'kube-controller-manager',
        programs.kubeControllerManager,
        controllerManagerArgs(admin, folder),
      );
    }
    print(`control plane: ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return {
      adminKubeconfig: admin,
      people,
      kubectl: programs.kubectl,
      hasControllerManager: programs.kubeControllerManager !== undefined,
      auditLog: join(folder, AUDIT_LOG),
      apiserverPid: processes.pid('kube-apiserver'),
      stop: async () => {
        await processes.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface StartedCluster extends Cluster {
  readonly adminToken: string;
  readonly personTokens: readonly string[];
}

async function startApiserver(
  programs: Programs,
  processes: Processes,
  folder: string,
  print: (line: string) => void,
): Promise<StartedCluster> {
  const [clientPort, peerPort, securePort] = (await freePorts(3)) as [number, number, number];
  const adminToken = randomBytes(24).toString('hex');
  const personTokens = PEOPLE.map(() => randomBytes(24).toString('hex'));
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.key'), keys.privateKey.export({ type: 'pkcs1', format: 'pem' }), {
    mode: 0o600,
  });
  await writeFile(join(folder, AUDIT_POLICY), JSON.stringify(WHO_LISTS));
  const tokens = [
    `${adminToken},admin,admin,"system:masters"`,
    ...PEOPLE.map(
      (person, index) => `${personTokens[index]},${person.name},${person.name},"${person.groups.join(',')}"`,
    ),
  ];
  await writeFile(join(folder, 'tokens.csv'), `${tokens.join('\n')}\n`, { mode: 0o600 });

  print('control plane: starting etcd and kube-apiserver');
  processes.start('etcd', programs.etcd, etcdArgs(folder, clientPort, peerPort));
  processes.start('kube-apiserver', programs.kubeApiserver, apiserverArgs(folder, clientPort, securePort));
  const server = `https://127.0.0.1:${securePort}`;
  const caFile = join(folder, 'certs', 'apiserver.crt');
  await processes.until('kube-apiserver', async () => {
    const ca = await readFile(caFile, 'utf8').catch(() => undefined);
    return ca !== undefined && (await isReady(`${server}/readyz`, ca, adminToken));
  });
  return { server, ca: await readFile(caFile, 'utf8'), adminToken, personTokens };
}

const AUDIT_LOG = 'audit.log';
const AUDIT_POLICY = 'audit-policy.json';

/** Written before the answer leaves; of nothing else, since every line costs. */
const WHO_LISTS = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [
    {
      level: 'Metadata',
      verbs: ['list', 'watch'],
      resources: [{ group: '', resources: ['secrets', 'configmaps'] }],
      omitStages: ['RequestReceived'],
    },
    { level: 'None' },
  ],
};

function etcdArgs(folder: string, clientPort: number, peerPort: number): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${clientPort}`,
    `--advertise-client-urls=http://127.0.0.1:${clientPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiserverArgs(folder: string, etcdPort: number, securePort: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // The address of the `kubernetes` service may not be loopback, and nobody uses that service here.
    '--endpoint-reconciler-type=none',
    `--secure-port=${securePort}`,
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.key')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--shutdown-delay-duration=0s',
    `--audit-policy-file=${join(folder, AUDIT_POLICY)}`,
    `--audit-log-path=${join(folder, AUDIT_LOG)}`,
  ];
}

function controllerManagerArgs(kubeconfig: string, folder: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    '--leader-elect=false',
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    '--controllers=namespace-controller,garbage-collector-controller,serviceaccount-controller,serviceaccount-token-controller,clusterrole-aggregation-controller,validatingadmissionpolicy-status-controller',
    '--concurrent-namespace-syncs=20',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

function isReady(url: string, ca: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      url,
      { ca, agent: false, headers: { authorization: `Bearer ${token}` }, timeout: 2_000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.once('error', () => resolve(false));
    call.once('timeout', () => call.destroy());
    call.end();
  });
}
