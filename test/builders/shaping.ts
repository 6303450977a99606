/** Targets and values for what shapes them. */
import { SecretValue } from '#model/secret-value.ts';
import { declaredSecrets, type SecretName, select, type TargetSpec } from '#shaping/selection.ts';
import { faultsOf, type Shaped, shape } from '#shaping/shape.ts';
import { loadTemplates } from '#shaping/template/load.ts';

export type ValuesByName = Readonly<Record<string, string>>;

const secretsOf = (values: ValuesByName): readonly SecretName[] =>
  Object.keys(values).map((name) => {
    const [project = '', secret = ''] = name.split('/');
    return { project, secret };
  });

/** What a target is, where the machine may read all that `values` has. Keys of `values` are `project/secret`. */
export async function shaped(
  spec: Omit<TargetSpec, 'secretName'>,
  values: ValuesByName,
  templates: Readonly<Record<string, string>> = {},
): Promise<Shaped> {
  const target = { secretName: 'it', ...spec };
  const declared = secretsOf(values);
  const texts = new Map(
    (target.templates ?? []).flatMap(({ key, text = templates[key] }) =>
      text === undefined ? [] : [[key, text] as const],
    ),
  );
  const shaping = {
    target,
    selection: select(target, declared),
    templates: texts,
    engine: await loadTemplates(),
  };
  return shape(shaping, new Map(Object.entries(values).map(([name, text]) => [name, new SecretValue(text)])));
}

/** The data as texts; the message where there is a fault. */
export async function textsOf(
  spec: Omit<TargetSpec, 'secretName'>,
  values: ValuesByName,
): Promise<Record<string, string> | string> {
  const result = await shaped(spec, values);
  if (!result.ok) return result.fault.message;
  return Object.fromEntries([...result.data].map(([key, bytes]) => [key, bytes.toString('utf8')]));
}

/** What is wrong with a target whatever the values are. */
export async function faults(
  spec: Omit<TargetSpec, 'secretName'>,
  secrets: readonly string[],
  allowed: readonly string[] = [],
): Promise<string[]> {
  const declared = declaredSecrets({
    projects: [{ name: 'p', secrets: secrets.map((name) => name.slice(2)) }],
  });
  const engine = await loadTemplates();
  return faultsOf({ secretName: 'it', ...spec }, declared, { engine, allowed }).map(({ message }) => message);
}
