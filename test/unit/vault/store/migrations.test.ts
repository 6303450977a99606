import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MIGRATIONS, type Migration } from '#vault/store/migrations/in-order.ts';

const FOLDER = new URL('../../../../src/vault/store/migrations/', import.meta.url);
const files = readdirSync(FOLDER)
  .filter((file) => file !== 'in-order.ts')
  .sort();

function fileOf({ number, name }: Migration): string {
  const words = name.split(/[^a-z0-9]+/).join('-');
  return `${String(number).padStart(4, '0')}-${words}.ts`;
}

it('migrations are numbered each once, in the order in which they run', () => {
  const numbers = MIGRATIONS.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

it('each migration lies in a file of its number and name, so that the folder shows their order', () => {
  expect(files).toEqual(MIGRATIONS.map(fileOf));
});

it('each migration runs the statements of its file', async () => {
  const modules = await Promise.all(files.map((file) => import(new URL(file, FOLDER).href)));
  expect(modules.map((module) => Object.values(module))).toEqual(
    MIGRATIONS.map(({ statements }) => [statements]),
  );
});
