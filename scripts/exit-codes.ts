/** Writes docs/exit-codes.md from the table of the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { exitCodesPage } from '#cli/terminal/exit-codes.ts';

const docs = new URL('../docs/', import.meta.url);
mkdirSync(docs, { recursive: true });
writeFileSync(new URL('exit-codes.md', docs), exitCodesPage());
