/**
 * Moves what the WAL holds into the database file, beside the process's own thread. SQLite's own checkpoints run in
 * the commit that fills the WAL: thousands of pages and two syncs, 60 ms in which no request is answered. A PASSIVE
 * checkpoint of another connection never makes a writer wait (https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).
 */
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** Milliseconds between two looks at the WAL; a page that many acts touched in between is written once. */
const EVERY = 150;
/** Bytes of WAL from which checkpoints begin. Below, the thread is not even started. */
const WORTH_IT = 8 * 2 ** 20;
/** Pages after which a commit checkpoints by itself after all: the thread did not keep up, or is gone. */
export const PAGES_AT_MOST = 32_000;

/** Looks after the WAL of the database until the answered function is called. */
export function startCheckpoints(path: string): () => Promise<void> {
  let thread: Worker | null = null;
  let isStopped = false;
  const timer = setInterval(() => {
    stat(`${path}-wal`).then(
      ({ size }) => {
        if (size < WORTH_IT || isStopped) return;
        thread ??= started(path, () => {
          thread = null;
        });
        thread.postMessage(null);
      },
      // There is none before the first write.
      () => undefined,
    );
  }, EVERY);
  timer.unref();
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await thread?.terminate();
  };
}

function started(path: string, ended: () => void): Worker {
  const worker = new Worker(`(${checkpoint.toString()})()`, { eval: true, workerData: path });
  worker.unref();
  // The next look starts another; until then the commits see to it themselves (PAGES_AT_MOST).
  worker.once('error', ended);
  worker.once('exit', ended);
  return worker;
}

/** Runs in the thread as text, so it uses nothing from outside of it. */
function checkpoint(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(workerData as string, { timeout: 0 });
  database.exec('pragma synchronous = normal');
  const passive = database.prepare('pragma wal_checkpoint(passive)');
  const restart = database.prepare('pragma wal_checkpoint(restart)');
  parentPort?.on('message', () => {
    const { log } = passive.get() as { log: number };
    // Writers wait, but only for what was committed since the line above; then the WAL is written from its beginning
    // again. Under load no writer finds it whole in the file by itself. Busy: the next look tries again. Not TRUNCATE:
    // giving the blocks back and taking them again costs 40 ms.
    if (log > 4000) restart.get();
  });
}
