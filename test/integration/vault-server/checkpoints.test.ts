import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PAGES_AT_MOST, startCheckpoints } from '#vault/store/checkpoints.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-checkpoints-'));
const file = join(folder, 'vault.db');
let database: DatabaseSync;

beforeAll(() => {
  database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal');
  database.exec(`pragma wal_autocheckpoint = ${PAGES_AT_MOST}`);
  database.exec('create table texts (number integer, text text)');
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One commit of about 12 MB: more than a WAL that nothing is moved out of yet. */
function write(number: number): void {
  const insert = database.prepare('insert into texts values (?, ?)');
  database.exec('begin');
  for (let row = 0; row < 3_000; row += 1) insert.run(number, 'x'.repeat(4_000));
  database.exec('commit');
}

describe('what the WAL holds', () => {
  it('is moved into the file beside the commits, and the WAL starts over', async () => {
    const stop = startCheckpoints(file);
    try {
      // A WAL that only ever grew would be as long as all of it.
      for (let number = 1; number <= 10; number += 1) {
        write(number);
        const written = number * 3_000 * 4_000;
        await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(written), 20_000);
      }
      // Begun anew, it holds what is written next in the place of what was moved.
      const length = (): number => statSync(`${file}-wal`).size;
      await vi.waitFor(
        () => {
          const before = length();
          write(0);
          expect(length()).toBe(before);
        },
        { timeout: 20_000, interval: 400 },
      );
      expect(length()).toBeLessThan(PAGES_AT_MOST * 4096);
    } finally {
      await stop();
    }
    const { rows } = database.prepare('select count(*) as rows from texts').get() as { rows: number };
    expect(rows).toBeGreaterThanOrEqual(33_000);
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });
});
