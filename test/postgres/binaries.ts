import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian and Ubuntu put them, a folder a major version, out of the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * The folder with `initdb` and `postgres`: `SENESCHAL_TEST_POSTGRES_BIN`, the newest of Debian's, or one in the
 * PATH; null where there is none.
 */
export function postgresBinaries(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = [
    process.env.SENESCHAL_TEST_POSTGRES_BIN ?? '',
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const isThere = (folder: string): boolean =>
    folder !== '' && ['initdb', 'postgres'].every((name) => existsSync(join(folder, name)));
  return folders.find(isThere) ?? null;
}
