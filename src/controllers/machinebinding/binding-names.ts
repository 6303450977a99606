/** Finds bindings by what others call them. */
import { keyOf, refOf, type Watcher } from '#kube/kube.ts';
import { organizationKeyOf } from '../resources.ts';
import type { MachineBinding } from './input.ts';

type Bindings = Pick<Watcher<MachineBinding>, 'store'>;

export class BindingNames {
  readonly #byMachine = new Map<string, Set<string>>();
  readonly #bindings: Bindings;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  note(type: 'added' | 'modified' | 'deleted', binding: MachineBinding): void {
    const key = keyOf(binding.metadata);
    const machine = `${organizationKeyOf(binding)} ${binding.spec.machineName}`;
    if (type === 'deleted') {
      this.#byMachine.get(machine)?.delete(key);
      return;
    }
    const keys = this.#byMachine.get(machine) ?? new Set();
    keys.add(key);
    this.#byMachine.set(machine, keys);
  }

  /** Perhaps too many: a binding that changed its machine is still found under both. */
  ofMachine(organization: string, machineName: string): readonly string[] {
    return [...(this.#byMachine.get(`${organization} ${machineName}`) ?? [])];
  }

  ofOrganization(organization: string): readonly string[] {
    return this.#bindings.store
      .list(refOf(organization).namespace)
      .filter((binding) => organizationKeyOf(binding) === organization)
      .map(({ metadata }) => keyOf(metadata));
  }
}
