/** The source of an organization: objects, and what they were before each commit. */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { type ObjectName, objectOf } from './commands.ts';

export class Git {
  #objects: ReadonlyMap<string, CustomResource> = new Map();
  #before: ReadonlyMap<string, CustomResource> = new Map();
  #start: number;

  /** `start`: what ends are counted from, in milliseconds since the epoch. */
  constructor(start: number) {
    this.#start = start;
  }

  /** From here on ends are counted from then. */
  begin(start: number): void {
    this.#start = start;
  }

  get objects(): readonly CustomResource[] {
    return [...this.#objects.values()];
  }

  has(name: ObjectName): boolean {
    return this.#objects.has(keyOf(name));
  }

  set(name: ObjectName, spec: object): void {
    const object = objectOf(name, spec, this.#start);
    this.#commit(new Map(this.#objects).set(keyOf(name), object));
  }

  /** Fields beside those that are there. */
  edit(name: ObjectName, fields: object): void {
    const object = this.#objects.get(keyOf(name));
    if (object !== undefined) this.set(name, { ...object.spec, ...fields });
  }

  delete(name: ObjectName): void {
    this.#commit(new Map([...this.#objects].filter(([key]) => key !== keyOf(name))));
  }

  /** All objects of a namespace are gone at once. */
  lose(namespace: string): void {
    this.#commit(new Map([...this.#objects].filter(([, { metadata }]) => metadata.namespace !== namespace)));
  }

  /** As before the last commit. */
  revert(): void {
    this.#commit(this.#before);
  }

  #commit(objects: ReadonlyMap<string, CustomResource>): void {
    this.#before = this.#objects;
    this.#objects = objects;
  }
}

function keyOf({ kind, namespace, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}
