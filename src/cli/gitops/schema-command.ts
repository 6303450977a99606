import { schemaOf, schemaOfAny } from '#api/v1alpha1/json-schemas.ts';
import { KINDS } from '#api/v1alpha1/kinds.ts';
import { Failure } from '../terminal/failure.ts';
import { print } from '../terminal/print.ts';

/** `seneschal schema [KIND]`, in whatever case; without one, a schema of all kinds. Throws Failure for another name. */
export function schema(name: string | undefined): void {
  const kind = KINDS.find((one) => one.toLowerCase() === name?.toLowerCase());
  if (name !== undefined && kind === undefined) {
    throw new Failure('Usage', `There is no kind ${name}.`, `It is one of ${KINDS.join(', ')}.`);
  }
  print(JSON.stringify(kind === undefined ? schemaOfAny() : schemaOf(kind), null, 2));
}
