import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditActionsPage } from '#scripts/audit-actions-page.ts';
import { AUDIT_ACTIONS } from '#vault/act/audit-actions.ts';

const root = join(import.meta.dirname, '../../../..');
const ACTIONS = Object.keys(AUDIT_ACTIONS);

test('each action is written by something else than the table: a rule about it may tell somebody', async () => {
  const folder = join(root, 'src/vault');
  const names = await readdir(folder, { recursive: true });
  const writers = names.filter(
    (name) => name.endsWith('.ts') && !/^(?:alerts.(?:matching|unknown)|act.audit-actions)/.test(name),
  );
  const text = (await Promise.all(writers.map((name) => readFile(join(folder, name), 'utf8')))).join('');
  expect(ACTIONS.filter((action) => !text.includes(`'${action}'`))).toEqual([]);
});

test('each action is written as an alert rule may name it', () => {
  expect(ACTIONS.filter((action) => !/^[a-z][a-z-]*\.[a-z][a-z-]*$/.test(action))).toEqual([]);
  expect(ACTIONS).toEqual(ACTIONS.toSorted());
});

test('docs/audit-actions.md shows the table', async () => {
  expect(await readFile(join(root, 'docs/audit-actions.md'), 'utf8')).toBe(auditActionsPage());
});
