/** Custom resources in few words, as an API server or a file would give them. */
import {
  type CustomResource,
  GROUP,
  type Kind,
  type ObjectMeta,
  type Spec,
  VERSION,
} from '#api/v1alpha1/kinds.ts';
import type { DesiredContext } from '#engine/pass-types.ts';
import { NAMESPACE, VAULT_ID } from './organization.ts';

/** What is not said: the organization `acme` of namespace `acme`. */
export function resource<K extends Kind>(
  kind: K,
  name: string,
  spec: Omit<Spec<K>, 'organizationRef'>,
  metadata: Partial<ObjectMeta> = {},
): CustomResource<K> {
  const reference = kind === 'Organization' ? {} : { organizationRef: { name: 'acme' } };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name, namespace: NAMESPACE, ...metadata },
    spec: { ...reference, ...spec } as Spec<K>,
  };
}

export function organizationResource(
  spec: Partial<Spec<'Organization'>> = {},
): CustomResource<'Organization'> {
  return resource('Organization', 'acme', {
    vault: {
      seneschal: {
        url: 'http://localhost:8200',
        vaultId: VAULT_ID,
        credentialsSecretRef: { name: 'vault-credentials' },
      },
    },
    ...spec,
    // Raises are tested where they are meant (rail 2).
    rails: { privilegeApproval: 'Never', ...spec.rails },
  });
}

export const CONTEXT: DesiredContext = { complete: true, seenUnder: null, machineKeys: new Map() };
