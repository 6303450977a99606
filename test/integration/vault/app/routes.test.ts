import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestVault } from '#test/builders/vault.ts';
import { askNobody } from '../world/people.ts';

it('the routes are in the document that is checked in, as the server serves it (V2)', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8');
  await using vault = await startTestVault();
  const { status, body } = await askNobody(vault, 'GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body, 'run npm run crds').toEqual(JSON.parse(text));
});
