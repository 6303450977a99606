/** `seneschal audit ...`: the log of a vault, outside it (A3). */

import { Command } from 'commander';
import { withPerson } from '../person/person-options.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { addExample, withHelp } from '../terminal/help.ts';
import { outputOption } from '../terminal/output-option.ts';

export function auditCommand(end: (outcomes: Iterable<CommandOutcome>) => void): Command {
  // Before the subcommands, which inherit it.
  const audit = withHelp(new Command('audit'))
    .description('take the audit log out of a vault, and prove it without the vault')
    .exitOverride();

  const writing = withPerson(
    audit
      .command('export')
      .description(
        'write the whole log with its signed head to a file, and verify it; takes Audit log: View others',
      )
      .requiredOption('--out <file>', 'NDJSON; a file that is there is replaced once the new one is complete')
      .addOption(outputOption()),
  );
  addExample(writing, '--out audit.ndjson').action(async (options) =>
    end(await (await import('./audit-export.ts')).auditExport(options)),
  );

  addExample(audit.command('verify'), 'audit.ndjson --head audit-of-last-month.ndjson')
    .description(
      'prove an export without the vault: that no byte of it was changed, and with --head that nothing is missing',
    )
    .argument('<file>', 'what `audit export` wrote')
    .option(
      '--head <head>',
      'a head that was kept outside the vault: SEQUENCE:HASH, an earlier export, an Organization with status.auditHead, or JSON with sequence and hash',
    )
    .option(
      '--public-key <base64>',
      "the vault's key as it was noted before; without it the file's own counts",
    )
    .addOption(outputOption())
    .action(async (file, options) =>
      end(await (await import('./audit-verify.ts')).auditVerify(file, options)),
    );

  return audit;
}
