/** Writes docs/audit-actions.md from the table of actions. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditActionsPage } from './audit-actions-page.ts';

await writeFile(join(import.meta.dirname, '..', 'docs', 'audit-actions.md'), auditActionsPage());
