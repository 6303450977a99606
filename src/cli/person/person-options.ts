import type { Command } from 'commander';
import { connectToOption } from '../terminal/connect-to.ts';

/** Who asks: the session of `vault login`, or a password for this one command. */
export function withPerson(command: Command): Command {
  return command
    .option('--as <email>', 'who you are, for this command alone; default: the session of `vault login`')
    .option('--password-file <file>', 'a file with the password alone; - for standard input')
    .option(
      '--sign-in-code <code>',
      'of the authenticator app, or a recovery code, where --as has a second factor',
    )
    .option(
      '--folder <folder>',
      'take the id of the vault from its Organization; where it is, a folder never says',
    )
    .option('--organization <name>', 'which Organization, where the folder has several')
    .option('--namespace <name>', 'namespace of objects that name none', 'default')
    .option('--url <url>', "the vault's address")
    .option('--vault <id>', "the vault's id")
    .option('--ca <file>', 'PEM of the authority that signed the certificate of the vault')
    .addOption(connectToOption());
}
