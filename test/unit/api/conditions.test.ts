import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isReason, REASONS } from '#api/v1alpha1/conditions.ts';
import { REFUSALS } from '#protocol/management.ts';
import { RUNTIME_REASONS } from '#runtime/errors.ts';
import { reasonsPage } from '#scripts/reasons-page.ts';

describe('the table of reasons', () => {
  test('has every refusal of the vault and every reason of the runtime', () => {
    const given = [...Object.keys(REFUSALS), ...Object.keys(RUNTIME_REASONS)];
    expect(given.filter((reason) => !isReason(reason))).toEqual([]);
  });

  test('has every reason that a status or an Event is given', async () => {
    const src = join(import.meta.dirname, '../../../src');
    const folders = ['planning', 'engine', 'controllers', 'provider'];
    const missing: string[] = [];
    for (const folder of folders) {
      for (const file of await readdir(join(src, folder), { recursive: true })) {
        if (!file.endsWith('.ts')) continue;
        const text = await readFile(join(src, folder, file), 'utf8');
        for (const [, reason] of text.matchAll(/\b(?:reason|code): '([A-Z][A-Za-z]+)'/g)) {
          if (!isReason(reason ?? '')) missing.push(`${folder}/${file}: ${reason}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  test('says what each means in one line', () => {
    for (const [reason, { meaning }] of Object.entries(REASONS)) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(meaning).toMatch(/^[^\n|]{10,160}\.$/);
    }
  });

  test('is what docs/reasons.md shows', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/reasons.md'), 'utf8');
    expect(page).toBe(reasonsPage());
  });
});
