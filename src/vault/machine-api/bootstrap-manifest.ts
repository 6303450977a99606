/** The same for a cluster without the operator: objects whose pod makes its key itself, by the script. */
import { stringify } from 'yaml';
import { type BootstrapFacts, bootstrapScript } from './bootstrap-script.ts';

/** Has sh, openssl and curl; any image that has them will do. */
const IMAGE = 'docker.io/library/buildpack-deps:stable-curl';
const HOME = '/var/lib/sikkerkey';
const USER = 65532;

/**
 * A Secret with the script, a claim that keeps the identity, because the token is used once, and a Deployment of one pod:
 * its init container enrols where there is no identity yet. No private key leaves the pod. Throws RangeError.
 */
export function bootstrapManifest(facts: BootstrapFacts): string {
  const name = `machine-${facts.vaultId.slice('vault_'.length).toLowerCase()}`;
  const labels = { app: name };
  const mounted = { name: 'identity', mountPath: HOME };
  const container = {
    image: IMAGE,
    env: [{ name: 'SIKKERKEY_HOME', value: HOME }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  const identity = `${HOME}/vaults/${facts.vaultId}/identity.json`;
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, labels },
      type: 'Opaque',
      stringData: { 'bootstrap.sh': bootstrapScript(facts) },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, labels },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: USER,
              runAsGroup: USER,
              fsGroup: USER,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            initContainers: [
              {
                name: 'enrol',
                ...container,
                command: ['sh', '-c', `[ -e ${identity} ] || sh /bootstrap/bootstrap.sh`],
                volumeMounts: [mounted, { name: 'bootstrap', mountPath: '/bootstrap', readOnly: true }],
              },
            ],
            containers: [
              {
                name: 'app',
                ...container,
                command: ['sleep', 'infinity'],
                volumeMounts: [{ ...mounted, readOnly: true }],
              },
            ],
            volumes: [
              { name: 'identity', persistentVolumeClaim: { claimName: name } },
              { name: 'bootstrap', secret: { secretName: name } },
            ],
          },
        },
      },
    },
  ];
  const head = [
    '# A machine that makes its key in its pod and waits for a person to approve it. The token in the Secret is used once,',
    '# within ten minutes. Put your container in place of `app`: it finds the identity by SIKKERKEY_HOME.',
  ];
  return [...head, ...objects.map((object) => `---\n${stringify(object, { lineWidth: 0 })}`)].join('\n');
}
