/** Finds bindings by what others call them. */
import { keyOf } from '#kube/kube.ts';
import { claimedNames } from '#shaping/claimed-names.ts';
import { organizationKeyOf } from '../resources.ts';
import type { MachineBinding } from './input.ts';

export class BindingNames {
  readonly #byMachine = new Map<string, Set<string>>();
  readonly #byOrganization = new Map<string, Set<string>>();
  readonly #bySecret = new Map<string, Set<string>>();

  note(type: 'added' | 'modified' | 'deleted', binding: MachineBinding): void {
    const key = keyOf(binding.metadata);
    const organization = organizationKeyOf(binding);
    noted(this.#byMachine, `${organization} ${binding.spec.machineName}`, type, key);
    noted(this.#byOrganization, organization, type, key);
    for (const name of claimedNames(binding.spec))
      noted(this.#bySecret, `${binding.metadata.namespace ?? ''}/${name}`, type, key);
  }

  /** Perhaps too many: a binding that changed its machine is still found under both. */
  ofMachine(organization: string, machineName: string): readonly string[] {
    return [...(this.#byMachine.get(`${organization} ${machineName}`) ?? [])];
  }

  /** `namespace/name` of bindings that claim the name of a Secret, or did. */
  ofSecret(namespace: string, secretName: string): readonly string[] {
    return [...(this.#bySecret.get(`${namespace}/${secretName}`) ?? [])];
  }

  ofOrganization(organization: string): readonly string[] {
    return [...(this.#byOrganization.get(organization) ?? [])];
  }
}

function noted(
  map: Map<string, Set<string>>,
  name: string,
  type: 'added' | 'modified' | 'deleted',
  key: string,
): void {
  if (type === 'deleted') {
    map.get(name)?.delete(key);
    return;
  }
  const keys = map.get(name) ?? new Set();
  keys.add(key);
  map.set(name, keys);
}
