/** Credentials of an automation identity, as commands write them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Credentials, credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { Failure } from './failure.ts';
import { writePrivate } from './private-files.ts';

/** Throws Failure where a key is there: before another is made, because one that cannot be written is lost. */
export function requireFreeFolder(folder: string): void {
  const key = join(folder, 'private.pem');
  if (!existsSync(key)) return;
  throw new Failure(
    'Usage',
    `${key} is there already; it is not overwritten.`,
    'Name another --credentials.',
  );
}

/** Writes all files; a key that is there is not overwritten. */
export async function writeCredentials(
  folder: string,
  credentials: Omit<Credentials, 'privateKey'> & { readonly privateKey: string },
): Promise<void> {
  for (const [name, text] of Object.entries(credentialsFiles(credentials)))
    await writePrivate(join(folder, name), text, name === 'private.pem');
}
