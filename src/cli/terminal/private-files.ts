/** Files that only the user may read: directories 0700, files 0600. */
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Failure } from './failure.ts';

/** Throws where the file is there already, if `exclusive`. */
export async function writePrivate(file: string, content: string, exclusive = false): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, exclusive ? 'wx' : 'w', 0o600);
  try {
    // The mode of `open` is that of a new file: one that is there keeps its own, which others may read.
    await handle.chmod(0o600);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/** A password out of a file, or of standard input for `-`; one newline at its end is taken off. Throws Failure. */
export async function readPassword(file: string): Promise<string> {
  const text = file === '-' ? await textOfStdin() : await readPrivate(file);
  return withoutNewline(text);
}

/** All of standard input. Throws Failure where it is no UTF-8: a vault keeps text. */
export async function textOfStdin(): Promise<string> {
  return utf8(await buffer(process.stdin), 'standard input');
}

/** Throws Failure `Usage`, without what the file holds. */
export async function readPrivate(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      'Usage',
      `${file} cannot be read (${error.code ?? 'unknown error'}).`,
      'Correct the path.',
    );
  });
  return utf8(bytes, file);
}

export function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function utf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure('Usage', `${where} is no UTF-8 text.`, 'Encode bytes first, for example with base64.');
  }
}
