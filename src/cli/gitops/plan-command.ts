import { writeFile } from 'node:fs/promises';
import { preview } from '#engine/observe.ts';
import { whatIsOpen } from '#engine/open.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { stopOnSignals } from '../terminal/interruption.ts';
import { print, tell } from '../terminal/print.ts';
import { type Accepted, outcomesOf } from './open-outcomes.ts';
import { planDocument } from './plan-document.ts';
import { planMarkdown } from './plan-markdown.ts';
import { openLine, planText } from './plan-text.ts';
import { openSession, type VaultOptions } from './vault-session.ts';
import { openWorkspace } from './workspace.ts';

/** `seneschal plan DIR`: prints what `apply` would do; writes nothing. Exits 0, 2, 3 or 5. */
export async function planCommand(
  folder: string,
  options: VaultOptions & { out?: string; accept?: Accepted; redact?: 'names' },
): Promise<CommandOutcome[]> {
  const workspace = await openWorkspace(folder, options);
  const stop = stopOnSignals();
  const session = await openSession(workspace, options, stop.signal);
  try {
    const seen = await preview(session);
    const open = whatIsOpen(session.desired, { plan: seen.plan, answers: new Map() });
    const document = planDocument(workspace, seen, open);
    const json = JSON.stringify(document, null, 2);
    if (options.output === 'markdown') {
      print(planMarkdown(document, openLine(open, 'No changes.'), { redact: options.redact === 'names' }));
    } else print(options.output === 'json' ? json : planText(workspace, seen, open));
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
    return outcomesOf(open, options.accept);
  } finally {
    stop.release();
    await session.provider.close();
  }
}
