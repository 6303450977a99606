import { writeFile } from 'node:fs/promises';
import { preview } from '#engine/observe.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { stopOnSignals } from '../terminal/interruption.ts';
import { print, tell } from '../terminal/print.ts';
import { planDocument } from './plan-document.ts';
import { outcomesOfPlan } from './plan-outcomes.ts';
import { planText } from './plan-text.ts';
import { openSession, type VaultOptions } from './vault-session.ts';
import { openWorkspace } from './workspace.ts';

/** `seneschal plan DIR`: prints what `apply` would do; writes nothing. Exits 0, 2 or 3. */
export async function planCommand(
  folder: string,
  options: VaultOptions & { out?: string },
): Promise<CommandOutcome[]> {
  const workspace = await openWorkspace(folder, options);
  const stop = stopOnSignals();
  const session = await openSession(workspace, options, stop.signal);
  try {
    const seen = await preview(session);
    const document = planDocument(workspace, seen);
    const json = JSON.stringify(document, null, 2);
    print(options.output === 'json' ? json : planText(workspace, seen));
    if (options.out !== undefined) {
      await writeFile(options.out, `${json}\n`).catch((error: NodeJS.ErrnoException) => {
        throw new Failure(
          'Usage',
          `--out ${options.out} cannot be written (${error.code}).`,
          'Correct --out.',
        );
      });
      tell(`written to ${options.out}`);
    }
    return outcomesOfPlan(document);
  } finally {
    stop.release();
    await session.provider.close();
  }
}
