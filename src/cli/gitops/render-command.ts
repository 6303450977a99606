/** `seneschal render DIR --values FILE`: the Secrets that targets would be, offline, by the code that the operator has. */
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { SecretValue } from '#model/secret-value.ts';
import { loadTemplates } from '#shaping/template/load.ts';
import { readSource, type SourceProblem } from '#source/folder.ts';
import { Failure } from '../terminal/failure.ts';
import { print } from '../terminal/print.ts';
import { bindingsOf, claimedTwice } from './declared-targets.ts';
import { renderedTarget } from './rendered-target.ts';
import { checkTargets, refuse } from './workspace.ts';

interface RenderOptions {
  readonly values: string;
  readonly binding?: string;
  readonly namespace: string;
  readonly output: 'text' | 'json';
}

/** Prints YAML, or a List in JSON. @throws InvalidFolder, and Failure where the file of values is none or a binding is not there. */
export async function render(folder: string, options: RenderOptions): Promise<void> {
  const source = await readSource(folder, { defaultNamespace: options.namespace });
  refuse(source.problems);
  refuse(claimedTwice(source));
  await checkTargets(source);
  const values = await valuesIn(options.values);
  const all = bindingsOf(source);
  const chosen = all.filter(
    ({ object }) => (options.binding ?? object.metadata.name) === object.metadata.name,
  );
  if (chosen.length === 0) {
    const names = all.map(({ object }) => object.metadata.name).join(', ');
    throw new Failure(
      'Usage',
      options.binding === undefined
        ? `${folder} has no MachineBinding.`
        : `${folder} has no MachineBinding ${options.binding}; it has ${names === '' ? 'none' : names}.`,
      'Correct the folder, or --binding.',
    );
  }
  const problems: SourceProblem[] = [];
  const secrets: unknown[] = [];
  for (const { object, file, placeOf } of chosen) {
    for (const [index, target] of (object.spec.targets ?? []).entries()) {
      const engine = (target.templates ?? []).length === 0 ? undefined : await loadTemplates();
      const rendered = renderedTarget(object, target, values, { configMaps: source.configMaps, engine });
      if (rendered.problem === undefined) secrets.push(rendered.secret);
      else {
        const { line, column } = placeOf(['spec', 'targets', index]);
        const path = `spec.targets[${index}]`;
        problems.push({ file, line, column, path, message: rendered.problem, expected: '' });
      }
    }
  }
  refuse(problems);
  if (options.output === 'json')
    print(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: secrets }, null, 2));
  else print(secrets.map((secret) => stringify(secret, { lineWidth: 0, version: '1.1' })).join('---\n'));
}

/** By `project/secret`. What stands in the file is never told. @throws Failure */
async function valuesIn(file: string): Promise<ReadonlyMap<string, SecretValue>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure('Usage', `--values ${file} cannot be read (${error.code}).`, 'Correct --values.');
  });
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 100 });
  } catch {
    throw noValues(file, 'is no YAML');
  }
  if (!isMap(content)) throw noValues(file, 'has no projects');
  const values = new Map<string, SecretValue>();
  for (const [project, secrets] of Object.entries(content)) {
    if (!isMap(secrets)) throw noValues(file, `${project} has no secrets`);
    for (const [name, value] of Object.entries(secrets)) {
      if (typeof value !== 'string' && !isMap(value))
        throw noValues(file, `${project}.${name} is neither a text nor a map of fields`);
      values.set(
        `${project}/${name}`,
        new SecretValue(typeof value === 'string' ? value : JSON.stringify(value)),
      );
    }
  }
  return values;
}

function noValues(file: string, what: string): Failure {
  return new Failure(
    'InvalidConfiguration',
    `--values ${file}: ${what}.`,
    'Write projects, and in them secrets with their values: `payments: {db-password: example}`; numbers in quotes.',
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
