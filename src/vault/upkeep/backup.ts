/**
 * A copy of the database while a server is at work in it (V6).
 *
 * Decides V6: backup.
 */
import { rename, rm } from 'node:fs/promises';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { backup, DatabaseSync } from 'node:sqlite';
import { openForReading } from '../store/store.ts';
import { examine, type Findings } from './verification.ts';

/**
 * All pages in one step: between two steps another process that writes would make SQLite begin anew
 * (sqlite3_backup_step). Under WAL the step keeps no writer waiting.
 */
const ALL_PAGES = 0x7fff_ffff;

/** Copies what was committed into one file, `to`, which is replaced where it is there. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  // The copy says of itself that it has a write-ahead log; as one file it needs none.
  const copy = new DatabaseSync(to);
  try {
    copy.exec('pragma journal_mode = delete');
  } finally {
    copy.close();
  }
}

/**
 * Backs the database up to `out`, which is put in place only when it is found whole. No root key is needed, and
 * none is in it. Answers the findings: with a fault there, no file was left.
 */
export async function backUp(database: string, out: string): Promise<Findings> {
  const part = `${out}.part`;
  try {
    await copyDatabase(database, part);
    const reader = await openForReading(part);
    const findings = await examine(reader, null).finally(() => reader.destroy());
    if (findings.faults.length === 0) await rename(part, out);
    return findings;
  } finally {
    await rm(part, { force: true });
  }
}
