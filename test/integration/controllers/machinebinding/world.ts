/**
 * The binding pass against the real API server, with the rights that it has in production, beside a vault
 * that is a value in memory: what is tested here is the Kubernetes side.
 */

import { createPublicKey } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createKindCache } from '#controllers/kind-cache.ts';
import { MachineKeys } from '#controllers/machine-keys.ts';
import { type BindingSummary, MachineRegistry } from '#controllers/machine-registry.ts';
import { addMachineBindingController } from '#controllers/machinebinding/binding-controller.ts';
import { loadInstallation } from '#controllers/machinebinding/installation.ts';
import { createSecretWatcher } from '#controllers/machinebinding/secret-cache.ts';
import { MACHINE_BINDINGS, ORGANIZATIONS, type Resource } from '#controllers/resources.ts';
import { VaultCircuits } from '#controllers/vault-circuit.ts';
import {
  createEventRecorder,
  type KubeClient,
  type RequestRecord,
  SECRETS,
  type Secret,
  systemClock,
} from '#kube/kube.ts';
import type { Machine, OrganizationState } from '#model/organization.ts';
import { SecretValue } from '#model/secret-value.ts';
import { syncPayload, verifyPayload } from '#protocol/signing.ts';
import type { Provider, SyncClaim, SyncedMachine } from '#provider/provider.ts';
import { createLogger, createManager } from '#runtime/runtime.ts';
import { UNBOUNDED } from '#test/builders/delegated.ts';
import { machineKey } from '#test/builders/organization.ts';
import { grantInNamespace } from '#test/control-plane/access.ts';
import {
  adminClient,
  testClient,
  testNamespace,
  testServiceAccount,
} from '#test/control-plane/test-cluster.ts';
import { installCrds } from '../../api/cluster.ts';

export const VAULT_ID = 'vault_AAAAAAAAAAAAAAAA';
const ALL_VERBS = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'];

interface StoredSecret {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  version: number;
  value: string;
}

/** A vault as the binding pass sees one: keys that it accepts, secrets, grants, and proofs that it checks. */
export class VaultInMemory {
  readonly machines = new Map<string, { id: string; keys: string[]; grants: string[]; enabled: boolean }>();
  readonly secrets: StoredSecret[] = [];
  /** Public keys in the order in which they were registered. */
  readonly registered: string[] = [];
  /** Machines of each call of the sync route. */
  readonly syncs: number[] = [];
  revision = 0;
  readonly #publicKeys = new Map<string, string>();

  register(machineName: string, fingerprint: string, publicKey: string, grants: readonly string[]): void {
    const machine = this.machines.get(machineName);
    if (machine?.keys.includes(fingerprint) === true) return;
    this.registered.push(fingerprint);
    this.#publicKeys.set(fingerprint, publicKey);
    if (machine === undefined) {
      const id = `machine-${machineName}`;
      this.machines.set(machineName, { id, keys: [fingerprint], grants: [...grants], enabled: true });
    } else {
      machine.keys.push(fingerprint);
    }
    this.revision += 1;
  }

  set(project: string, name: string, value: string): { id: string; version: number } {
    const present = this.secrets.find((secret) => secret.project === project && secret.name === name);
    if (present !== undefined) {
      present.value = value;
      present.version += 1;
      return present;
    }
    const secret = { id: `sk_${this.secrets.length}`, project, name, version: 1, value };
    this.secrets.push(secret);
    this.revision += 1;
    return secret;
  }

  get state(): OrganizationState {
    const machines = [...this.machines].map(
      ([name, { id, keys, grants, enabled }]): Machine => ({
        id,
        name,
        approved: true,
        enabled,
        disabledAt: null,
        keys: keys.map((fingerprint) => machineKey(fingerprint)),
        access: ['payments'].map((project) => ({
          project,
          secrets: grants.flatMap((grant) =>
            grant.startsWith(`${project}/`) ? [grant.slice(project.length + 1)] : [],
          ),
        })),
      }),
    );
    return {
      vaultId: VAULT_ID,
      epoch: 'e1',
      revision: this.revision,
      displayName: 'Acme',
      owner: 'alice@acme.example',
      plan: {
        name: 'Team',
        caps: { members: null, projects: null, machines: null, groups: null, storedBytes: null },
        billingUrl: '',
      },
      settings: null,
      members: [],
      groups: [],
      templates: [],
      projects: [],
      secrets: this.secrets.map(({ id, project, name, version }) => ({
        id,
        project,
        name,
        version,
        fieldNames: null,
      })),
      machines,
      records: [],
      tombstones: [],
      formerNames: [],
      ledger: [],
      reservations: [],
      holds: [],
      raises: [],
      approvals: [],
      ...UNBOUNDED,
    };
  }

  readonly provider = {
    address: { url: 'http://localhost:8200', vaultId: VAULT_ID },
    rotationLine: (machineId: string, fingerprint: string) => `rotate ${machineId} ${fingerprint}`,
    sync: async (claims: readonly SyncClaim[]) => {
      this.syncs.push(claims.length);
      return claims.map((claim) => this.#answer(claim));
    },
  } as unknown as Provider;

  #answer({ machineId, secrets, sign }: SyncClaim): SyncedMachine {
    const machine = [...this.machines.values()].find(({ id }) => id === machineId);
    const payload = syncPayload({
      audience: 'http://localhost:8200',
      vaultId: VAULT_ID,
      machineId,
      timestamp: '1',
      nonce: 'n',
    });
    const proof = sign(payload);
    const proven = machine?.keys.some((fingerprint) => {
      const raw = this.#publicKeys.get(fingerprint) ?? '';
      const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(raw, 'base64')]);
      return verifyPayload(createPublicKey({ key: der, format: 'der', type: 'spki' }), payload, proof);
    });
    if (proven !== true) return { machineId, error: 'BadProof', secrets: [], refused: [] };
    return {
      machineId,
      error: null,
      refused: [],
      secrets: this.secrets
        .filter(
          ({ id, project, name }) => secrets.includes(id) && machine?.grants.includes(`${project}/${name}`),
        )
        .map(({ id, name, version, value }) => ({
          id,
          name,
          projectId: 'proj_1',
          version,
          value: new SecretValue(value),
        })),
    };
  }
}

export interface World {
  readonly admin: KubeClient;
  readonly namespace: string;
  readonly vault: VaultInMemory;
  readonly registry: MachineRegistry;
  readonly keys: MachineKeys;
  /** Requests of the operator other than lists and watches, since it was last emptied. */
  readonly requests: string[];
  /** Registers what is offered, and publishes what the vault has: what the organization pass does. */
  readonly publish: (standing?: Partial<BindingSummary>) => void;
  /** `killAtWrite`: nothing that the operator asks for after its n-th write arrives. */
  readonly startOperator: (options?: { readonly killAtWrite?: number }) => Promise<() => Promise<void>>;
  readonly secret: (name: string) => Promise<Secret | undefined>;
  readonly binding: (name: string) => Promise<Resource<'MachineBinding'> | undefined>;
  readonly createBinding: (name: string, spec?: Partial<Resource<'MachineBinding'>['spec']>) => Promise<void>;
  /** Whether what is published allows the move from wherever Secrets are of. */
  mayMove: boolean;
  /** What is in memory is lost, as with a process. */
  readonly restarted: () => void;
  readonly deleteBinding: (name: string) => Promise<void>;
  readonly isReady: (name: string) => Promise<boolean>;
  readonly condition: (
    name: string,
    type: string,
  ) => Promise<{ status: string; reason: string; message: string } | undefined>;
}

export async function createWorld(
  options: { readonly enabled?: boolean; readonly grants?: readonly string[] } = {},
): Promise<World> {
  const admin = await adminClient();
  await installCrds(admin);
  const namespace = await testNamespace(admin, 'binding');
  const kubeconfig = await testServiceAccount(admin, namespace, 'operator');
  const subject = { kind: 'ServiceAccount' as const, namespace, name: 'operator' };
  await grantInNamespace(admin, namespace, 'operator', subject, [
    {
      apiGroups: ['seneschal.dev'],
      resources: ['organizations', 'machinebindings'],
      verbs: ['get', 'list', 'watch'],
    },
    { apiGroups: ['seneschal.dev'], resources: ['machinebindings/status'], verbs: ['get', 'patch'] },
    { apiGroups: ['events.k8s.io', ''], resources: ['events'], verbs: ['create', 'patch'] },
  ]);
  if (options.enabled !== false) await enableSecrets(admin, namespace);
  await admin.create(ORGANIZATIONS, {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind: 'Organization',
    metadata: { name: 'acme', namespace },
    spec: {
      vault: {
        seneschal: {
          url: 'http://localhost:8200',
          vaultId: VAULT_ID,
          credentialsSecretRef: { name: 'credentials' },
        },
      },
    },
  });

  const vault = new VaultInMemory();
  const registry = new MachineRegistry();
  const keys = new MachineKeys();
  const requests: string[] = [];
  const grants = options.grants ?? ['payments/db-password'];
  let standing: Partial<BindingSummary> = {};
  const machineNames = new Map<string, string>();
  let state = vault.state;

  const publish: World['publish'] = (as = standing) => {
    standing = as;
    for (const [name, machineName] of machineNames) {
      const key = keys.keyOf(namespace, name, vault.provider.address);
      if (key !== null) vault.register(machineName, key.fingerprint, key.publicKey, grants);
    }
    if (vault.revision !== state.revision || vault.machines.size === 0) state = vault.state;
    registry.publish(`${namespace}/acme`, {
      provider: vault.provider,
      caCertificate: null,
      acts: true,
      mayMove: world.mayMove,
      state: vault.state,
      summaries: new Map(
        [...machineNames].map(([name, machineName]) => [
          `${namespace}/${name}`,
          { machineName, state: 'Settled', reason: 'Succeeded', message: '', ...standing },
        ]),
      ),
    });
  };
  keys.onChange(() => queueMicrotask(() => publish()));

  const record = ({ verb, resource, name, code }: RequestRecord): void => {
    if (verb !== 'list' && verb !== 'watch')
      requests.push(`${verb} ${resource === 'events' ? resource : `${resource} ${name}`} ${code}`);
  };

  const world: World = {
    mayMove: false,
    admin,
    namespace,
    vault,
    registry,
    keys,
    requests,
    publish,
    secret: (name) => admin.find(SECRETS, { namespace, name }),
    binding: (name) => admin.find(MACHINE_BINDINGS, { namespace, name }),
    restarted: () => {
      for (const name of machineNames.keys()) keys.forget(namespace, name);
      registry.withdraw(`${namespace}/acme`);
    },
    deleteBinding: async (name) => {
      machineNames.delete(name);
      await admin.delete(MACHINE_BINDINGS, { namespace, name });
    },
    createBinding: async (name, spec = {}) => {
      const full = bindingSpec(name, spec);
      machineNames.set(name, full.machineName);
      await admin.create(MACHINE_BINDINGS, {
        apiVersion: 'seneschal.dev/v1alpha1',
        kind: 'MachineBinding',
        metadata: { name, namespace },
        spec: full,
      });
      publish();
    },
    isReady: async (name) => (await world.condition(name, 'Ready'))?.status === 'True',
    condition: async (name, type) => {
      const status = (await world.binding(name))?.status as
        | { conditions?: { type: string; status: string; reason: string; message: string }[] }
        | undefined;
      return status?.conditions?.find((condition) => condition.type === type);
    },
    startOperator: async ({ killAtWrite } = {}) => {
      const real = await testClient(kubeconfig, record);
      const client = killAtWrite === undefined ? real : dyingClient(real, killAtWrite);
      const installation = await loadInstallation(admin, namespace);
      const manager = createManager();
      const of = { client, namespaces: [namespace] };
      const bindings = manager.addWatcher(createKindCache('MachineBinding', of));
      const organizations = manager.addWatcher(createKindCache('Organization', of));
      const secrets = manager.addWatcher(createSecretWatcher({ client }));
      addMachineBindingController({
        manager,
        client,
        bindings,
        organizations,
        secrets,
        keys,
        registry,
        installation,
        installationId: 'this',
        keyCounts: { observe: () => undefined, forget: () => undefined },
        circuits: new VaultCircuits(systemClock, await createLogger({ level: 'silent' })),
        recorder: createEventRecorder({ client, controller: 'seneschal.dev/operator', instance: 'test' }),
        enableCommand: (at) => `kubectl create rolebinding seneschal-secrets --namespace ${at}`,
      });
      const stop = new AbortController();
      const ended = manager.run(stop.signal);
      const end = async () => {
        stop.abort();
        await ended;
      };
      onTestFinished(end);
      return end;
    },
  };
  return world;
}

const WRITES: readonly PropertyKey[] = ['create', 'apply', 'applyStatus', 'patch', 'replace', 'delete'];
const CALLS: readonly PropertyKey[] = [...WRITES, 'get', 'find'];

/** A client whose process is killed when the n-th write was answered: the answer and all that follows is lost. */
function dyingClient(real: KubeClient, killAtWrite: number): KubeClient {
  let writes = 0;
  let dead = killAtWrite === 0;
  return new Proxy(real, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (!CALLS.includes(name)) return member.bind(target);
      return async (...args: unknown[]) => {
        if (dead) throw new Error('killed');
        const answer: unknown = await member.apply(target, args);
        if (WRITES.includes(name)) writes += 1;
        if (writes >= killAtWrite) dead = true;
        if (dead) throw new Error('killed');
        return answer;
      };
    },
  });
}

export async function enableSecrets(admin: KubeClient, namespace: string): Promise<void> {
  const subject = { kind: 'ServiceAccount' as const, namespace, name: 'operator' };
  await grantInNamespace(admin, namespace, 'seneschal-secrets', subject, [
    { apiGroups: [''], resources: ['secrets'], verbs: ALL_VERBS },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ]);
}

function bindingSpec(
  name: string,
  spec: Partial<Resource<'MachineBinding'>['spec']> = {},
): Resource<'MachineBinding'>['spec'] {
  return {
    organizationRef: { name: 'acme' },
    machineName: name,
    projects: [{ name: 'payments', secrets: ['db-password'] }],
    key: { secretName: `${name}-identity` },
    targets: [
      {
        secretName: `${name}-values`,
        data: [{ project: 'payments', secret: 'db-password', key: 'password' }],
      },
    ],
    ...spec,
  };
}

/** The text under a key of a Secret. */
export function textOf(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
