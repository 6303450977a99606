/** The commands that ask a vault and write nothing there. Each command's code is imported when it runs. */

import { type Command, Option } from 'commander';
import { withPerson } from '../person/person-options.ts';
import { connectToOption } from '../terminal/connect-to.ts';
import { credentialsOption } from '../terminal/credentials-option.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { addExample } from '../terminal/help.ts';
import { outputOption } from '../terminal/output-option.ts';

/** Adds them to the program; `end` takes what a run comes to. */
export function addQuestions(program: Command, end: (outcomes: Iterable<CommandOutcome>) => void): void {
  addExample(withCredentials(program.command('import')), './acme --credentials ./credentials')
    .argument('<folder>', 'an empty folder, or one that is not there yet')
    .description('write a folder that declares what the vault has; its plan is nothing but claims')
    .option('--namespace <name>', 'of the objects; default: as the manager of the vault is called')
    .option('--organization <name>', 'of the Organization object; the same default')
    .addOption(
      new Option('--split-by <what>', 'a file for each object, or one for each kind')
        .choices(['kind', 'object'])
        .default('object'),
    )
    .option('--comments', 'say in the folder what has no place in Git, with the addresses of people who left')
    .option(
      '--credentials-secret <name>',
      'Secret that an operator reads the credentials from',
      'vault-credentials',
    )
    .action(async (folder, options) =>
      end(await (await import('../gitops/import-command.ts')).importCommand(folder, options)),
    );

  addExample(withCredentials(program.command('status')), './acme --credentials ./credentials')
    .argument('[folder]', 'tells what of it is open, and exits as plan does')
    .description('what waits, ends soon, was cut by people, is declared by nobody or used by nobody')
    .option('--organization <name>', 'which Organization, where the folder has several')
    .option('--namespace <name>', 'namespace of objects that name none', 'default')
    .action(async (folder, options) =>
      end(await (await import('./status-command.ts')).statusCommand(folder, options)),
    );

  addExample(withEither(program.command('explain')), 'alice@acme.example --credentials ./credentials')
    .argument('<thing>', 'an e-mail, PROJECT/SECRET, or the name of a machine, project or group')
    .description(
      'each access with its path, since when, by which commit, whose approval and which audit entry',
    )
    .action(async (thing, options) => (await import('./explain-command.ts')).explainCommand(thing, options));

  addExample(withEither(program.command('who-can')), '"Secrets: Manage" payments --credentials ./credentials')
    .argument('<cell>', '`Category: Cell`, for example "Secrets: Manage"')
    .argument('[project]', 'in which project; left out: wherever')
    .description('the people who hold a cell, by which path, and the machines that read values')
    .action(async (cell, project, options) =>
      (await import('./who-can-command.ts')).whoCanCommand(cell, project, options),
    );

  addExample(
    withCredentials(program.command('blast-radius')),
    'alice@acme.example --credentials ./credentials --folder ./acme',
  )
    .argument('<thing>', 'an e-mail, PROJECT/SECRET, or the fingerprint of a key of a machine')
    .description('what it reaches now, what was read since, from where, and what contains it')
    .option('--since <time>', 'reads since then: 30d, 12h, or a time as RFC 3339 writes it', '30d')
    .option(
      '--folder <folder>',
      'of a person or a key: a patch of this folder that suspends them, or ends it',
    )
    .option('--patch', 'print the patch alone, for git apply')
    .option('--namespace <name>', 'namespace of objects that name none', 'default')
    .action(async (thing, options) =>
      (await import('./blast-radius-command.ts')).blastRadiusCommand(thing, options),
    );
}

/** By an automation identity, which needs no ability for it. */
function withCredentials(command: Command): Command {
  return withOutput(command)
    .addOption(credentialsOption().makeOptionMandatory())
    .addOption(connectToOption());
}

/** The same, or by a person: `--folder` also names the Secrets that its bindings copy values into. */
function withEither(command: Command): Command {
  return withPerson(withOutput(command).addOption(credentialsOption('; left out, a person asks')));
}

function withOutput(command: Command): Command {
  return command.addOption(outputOption());
}
