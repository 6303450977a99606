/** Writes docs/openapi.json out of the route schemas; CI fails where that changes the tree. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vaultDocument } from './vault-document.ts';

await writeFile(
  join(import.meta.dirname, '..', 'docs', 'openapi.json'),
  `${JSON.stringify(await vaultDocument(), null, 2)}\n`,
);
