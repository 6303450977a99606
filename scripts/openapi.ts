/** Writes docs/openapi.json and docs/routes.md out of the routes; CI fails where that changes the tree. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routesPage } from './routes-page.ts';
import { vaultDocument } from './vault-document.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const document = await vaultDocument();
await writeFile(join(docs, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
await writeFile(join(docs, 'routes.md'), routesPage(document));
