import { type Command, Option } from 'commander';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import type { FolderOptions } from '../gitops/workspace.ts';
import { connectToOption } from '../terminal/connect-to.ts';

export interface PersonOptions extends Omit<FolderOptions, 'output'> {
  /** Left out: the session of `login`. */
  readonly as?: string;
  /** Name of the context; left out: the current one. */
  readonly context?: string;
  readonly passwordFile?: string;
  /** Of the second factor, where there is one. */
  readonly signInCode?: string;
  readonly folder?: string;
  readonly url?: string;
  readonly vault?: string;
  readonly ca?: string;
  /** A tunnel to the vault. */
  readonly connectTo?: ConnectTo;
}

/** What every command of a person takes: who asks, and where. */
const WHO = 'Who asks, and where:';

/** Who asks: the session of `login`, or a password for this one command. */
export function withPerson(command: Command): Command {
  for (const option of [
    new Option('--context <name>', 'the context of `login` to go by; default: the current one').env(
      'SENESCHAL_CONTEXT',
    ),
    new Option('--as <email>', 'who you are, for this command alone; default: the session of `login`'),
    new Option(
      '--password-file <file>',
      'a file with the password alone; - for standard input; left out, it is asked for',
    ),
    new Option(
      '--sign-in-code <code>',
      'of the authenticator app, or a recovery code, where --as has a second factor',
    ),
    urlOption(),
    vaultOption(),
    new Option(
      '--folder <folder>',
      'take the id of the vault from its Organization; where it is, a folder never says',
    ),
    new Option('--organization <name>', 'which Organization, where the folder has several'),
    new Option('--namespace <name>', 'namespace of objects that name none').default('default'),
    caOption(),
    connectToOption(),
  ])
    command.addOption(option.helpGroup(WHO));
  return command;
}

/** Who signs in, and where: what is left out, the context says. */
export function withLogin(command: Command): Command {
  for (const option of [
    urlOption(),
    new Option('--as <email>', 'who you are; left out, it is asked for').argParser((text) =>
      text.toLowerCase(),
    ),
    new Option(
      '--password-file <file>',
      'a file with the password alone; - for standard input; left out, it is asked for',
    ),
    new Option(
      '--sign-in-code <code>',
      'of the authenticator app, or a recovery code, where there is a second factor; left out, it is asked for',
    ),
    vaultOption(),
    new Option('--context <name>', 'what the context is called; default: who and where').env(
      'SENESCHAL_CONTEXT',
    ),
    caOption(),
    connectToOption(),
  ])
    command.addOption(option);
  return command;
}

function urlOption(): Option {
  return new Option('--url <url>', "the vault's address").env('SENESCHAL_URL');
}

function vaultOption(): Option {
  return new Option('--vault <id>', "the vault's id; left out, the only one of yours").env('SENESCHAL_VAULT');
}

function caOption(): Option {
  return new Option('--ca <file>', 'PEM of the authority that signed the certificate of the vault').env(
    'SENESCHAL_CA',
  );
}
