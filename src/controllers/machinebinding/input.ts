/** Everything that one pass over a binding goes by, gathered once and never changed. */
import { DEFAULT_MOUNT_PATH, type IdentityFacts } from '#identity/bundle.ts';
import type { MetadataOnly } from '#kube/kube.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { BindingSummary, OrganizationView, RegisteredMachine } from '../machine-registry.ts';
import type { Resource } from '../resources.ts';
import { asWritten, type BindingIdentity } from './marks.ts';
import type { Seals } from './seals.ts';

export type MachineBinding = Resource<'MachineBinding'>;

export interface BindingInput {
  /** `namespace/name`. */
  readonly key: string;
  readonly binding: MachineBinding;
  readonly identity: BindingIdentity;
  /** `namespace/name` of the Organization. */
  readonly organization: string;
  readonly view: OrganizationView;
  readonly summary: BindingSummary | undefined;
  /** Undefined while the vault has no machine of that name. */
  readonly machine: RegisteredMachine | undefined;
  readonly seals: Seals;
  readonly signal: AbortSignal;
}

export function bindingIdentity({ metadata, spec }: MachineBinding, vault: VaultAddress): BindingIdentity {
  const { name, namespace = metadata.namespace } = spec.organizationRef;
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    organization: namespace === metadata.namespace ? name : `${namespace}/${name}`,
    machineName: spec.machineName,
    vault,
  };
}

/** As whose Secret one of this binding is proven before it is deleted: after a move, as that of the address before. */
export function ownerOf({ identity, view }: BindingInput, secret: MetadataOnly): BindingIdentity {
  return view.mayMove ? asWritten(identity, secret) : identity;
}

/** What the identity bundle of a registered machine says. */
export function identityFacts(input: BindingInput, machine: RegisteredMachine): IdentityFacts {
  return {
    machineId: machine.machineId,
    machineName: input.binding.spec.machineName,
    vaultId: input.identity.vault.vaultId,
    apiUrl: input.identity.vault.url,
    mountPath: input.binding.spec.key.mountPath ?? DEFAULT_MOUNT_PATH,
    caCertificate: input.view.caCertificate,
  };
}
