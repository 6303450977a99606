/** `seneschal vault secret set`: a value from standard input to the vault. It is printed nowhere. */
import { pathTo } from '#protocol/request-path.ts';
import { type Output, printAnswer } from '../terminal/answer.ts';
import { Failure } from '../terminal/failure.ts';
import { tell } from '../terminal/print.ts';
import { readPrivate, textOfStdin, withoutNewline } from '../terminal/private-files.ts';
import { asPerson, type PersonOptions } from './as-person.ts';

interface Options extends PersonOptions {
  readonly project: string;
  readonly field?: readonly string[];
  readonly output: Output;
}

export async function vaultSecretSet(name: string, options: Options): Promise<void> {
  const { project, field, output, ...person } = options;
  const body = field === undefined ? { value: await valueOfStdin() } : { fields: await fieldsOf(field) };
  await asPerson(person, async ({ ask }) => {
    const path = pathTo`/projects/${project}/secrets/${name}`;
    const { id, version } = (await ask('PUT', path, body)) as { id: string; version: number };
    printAnswer(output, { project, name, id, version }, `${project}/${name}: version ${version} (${id})`);
  });
}

async function valueOfStdin(): Promise<string> {
  if (process.stdin.isTTY) tell('Type the value, then Ctrl-D.');
  const value = withoutNewline(await textOfStdin());
  // What comes out of a pipe whose first command failed.
  if (value === '') {
    throw new Failure(
      'Usage',
      'Standard input is empty; nothing was set.',
      'Pipe the value into the command.',
    );
  }
  return value;
}

async function fieldsOf(given: readonly string[]): Promise<{ name: string; value: string }[]> {
  return Promise.all(
    given.map(async (text) => {
      const [, name, file] = /^([A-Za-z0-9._-]+)=@(.+)$/.exec(text) ?? [];
      if (name === undefined || file === undefined) {
        // Not quoted: whoever writes name=value has put a value there.
        throw new Failure('Usage', 'A --field is not NAME=@FILE.', 'Put each value into a file.');
      }
      return { name, value: await readPrivate(file) };
    }),
  );
}
