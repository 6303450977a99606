import { readFile } from 'node:fs/promises';
import { Failure } from './failure.ts';

/** The text of a file that an option names. Throws Failure `Usage`. */
export function readText(file: string, option: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      'Usage',
      `${option} ${file} cannot be read (${error.code ?? 'unknown error'}).`,
      `Correct ${option}.`,
    );
  });
}
