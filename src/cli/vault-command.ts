/** `seneschal vault ...`: the commands of the vault server. Each one's code is imported when it runs. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { EMAIL_RULE, isEmail } from '#model/names.ts';
import { ABILITIES } from '#protocol/management.ts';
import { isAddressRange } from '#vault/common/addresses.ts';
import { mountOwnerCommands } from './person/mount.ts';
import { withLogin, withPerson } from './person/person-options.ts';
import { connectToOption } from './terminal/connect-to.ts';
import type { CommandOutcome } from './terminal/exit-codes.ts';
import { addExample, withHelp } from './terminal/help.ts';
import { outputOption } from './terminal/output-option.ts';

export function vaultCommand(end: (outcomes: Iterable<CommandOutcome>) => void): Command {
  // Before the subcommands, which inherit it.
  const vault = withHelp(new Command('vault'))
    .description('run and look after a vault server')
    .exitOverride();
  serving(vault);
  upkeep(vault, end);
  accountsAndTiers(vault);
  settingSecrets(vault);
  login(vault);
  mountOwnerCommands(vault);
  return vault;
}

/** A server that runs: to try out, and to keep. */
function serving(vault: Command): void {
  addExample(vault.command('dev'), '--port 8200 --dir ./acme-vault')
    .description(
      'a throw-away vault on this machine, ready for use; says where, who is who, and what to type',
    )
    .addOption(
      new Option('-o, --output <format>', 'how to print; json: one line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--port <number>', 'default: a free one', portOf, 0)
    .option(
      '--dir <folder>',
      'keep the data there, and go on with what is there; default: a temporary folder',
    )
    .option('--vault-id <id>', 'vault_ and 16 letters and digits; default: a random one', vaultIdOf)
    .option('--organization <name>', 'its displayed name', 'Acme')
    .option('--owner <email>', 'who owns it', emailOf, 'owner@acme.example')
    .option(
      '--person <email...>',
      'who can be invited; default: alice@acme.example bob@acme.example',
      emailsOf,
    )
    .addOption(logLevel('warn'))
    .action(async (options) => (await import('./server/vault-dev.ts')).vaultDev(options));

  addExample(vault.command('serve'), '--config vault.yaml')
    .description('run the vault server')
    .requiredOption(
      '--config <file>',
      'YAML or JSON: listen, publicUrl, audiences, trustedProxies, health, database, rootKey, previousRootKeys, mail, signUp, webhooks, plans, log',
    )
    .addHelpText('after', SERVE_HELP)
    .action(async (options) => (await import('./server/vault-serve.ts')).vaultServe(options));

  addExample(
    vault.command('init'),
    '--config vault.yaml --owner owner@acme.example --password-file ./password --organization Acme --credentials ./credentials',
  )
    .description('make the first account, its organization and an automation identity in the database')
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .requiredOption('--owner <email>', 'who will own the organization', emailOf)
    .requiredOption('--password-file <file>', "the owner's password; - for standard input")
    .requiredOption('--organization <name>', 'its displayed name')
    .requiredOption('--credentials <folder>', 'where the credentials of the automation identity are written')
    .option(
      '--public-url <url>',
      'publicUrl of the configuration, which it is written into where it is not there',
    )
    .option('--tier <name>', 'Free, Family, Team or Business', 'Team')
    .addOption(
      new Option(
        '--abilities <ability...>',
        'what the automation identity may do, or all; left out: it only observes',
      )
        .choices([...ABILITIES, 'all'])
        .default([]),
    )
    .option('--projects <project...>', 'what it does elsewhere is refused')
    .option('--addresses <range...>', 'what it sends from elsewhere is refused: 10.0.0.0/8', rangesOf)
    .option(
      '--machine-addresses <range...>',
      'its machines are answered from there alone; left out: from --addresses',
      rangesOf,
    )
    .option('--managers <name...>', 'names that it acts for; left out: the first that it takes the lease by')
    .option('--unbounded', 'in every project and from anywhere: stolen, it reaches everything (SECURITY.md)')
    .addOption(outputOption(['json']))
    .action(async (options) => (await import('./server/vault-init.ts')).vaultInit(options));
}

/** What keeps the database of a server sound. */
function upkeep(vault: Command, end: (outcomes: Iterable<CommandOutcome>) => void): void {
  addExample(vault.command('backup'), '--config vault.yaml --out vault.backup')
    .description('copy the database to one file while the server is at work; the root key is not in it')
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .requiredOption('--out <file>', 'the backup; a file that is there is not overwritten')
    .addOption(outputOption(['json']))
    .action(async (options) => (await import('./server/vault-upkeep.ts')).vaultBackup(options));

  addExample(vault.command('restore'), '--config vault.yaml --from vault.backup')
    .description(
      'put a backup in the place of the database, while the server is stopped; everybody signs in anew, and operators only observe until a person approves (VaultRolledBack)',
    )
    .requiredOption('--config <file>', 'the configuration of `vault serve`, with the root key of the backup')
    .requiredOption('--from <file>', 'what `vault backup` wrote')
    .option('--force', 'replace a database that is not empty; it is kept beside')
    .addOption(outputOption(['json']))
    .action(async (options) => (await import('./server/vault-upkeep.ts')).vaultRestore(options));

  addExample(vault.command('verify'), '--config vault.yaml')
    .description(
      'check the database, also while the server is at work: file, references, audit logs, keys, values',
    )
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .addOption(outputOption())
    .action(async (options) => end(await (await import('./server/vault-upkeep.ts')).vaultVerify(options)));

  addExample(vault.command('rotate-root-key'), '--config vault.yaml --new-root-key ./root.key')
    .description(
      'wrap every key anew by the `rootKey` of the configuration, while the server reads on; what `previousRootKeys` wrapped is opened by those. Interrupted, it is run again',
    )
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .option(
      '--new-root-key <source>',
      'a file, or env:NAME: refuse unless this is the `rootKey` of the configuration',
    )
    .addOption(outputOption(['json']))
    .action(async (options) =>
      (await import('./server/vault-rotate-root-key.ts')).vaultRotateRootKey(options),
    );
}

/** What whoever runs the server decides beside the vaults. */
function accountsAndTiers(vault: Command): void {
  const account = vault.command('account').description('accounts of people');
  addExample(account.command('create'), 'alice@acme.example --config vault.yaml --password-file ./password')
    .description('make an account whose address you vouch for; who has one can be invited and sign in')
    .argument('<email>', 'the address', emailOf)
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .requiredOption('--password-file <file>', 'the password; - for standard input')
    .addOption(outputOption())
    .action(async (email, options) => (await import('./server/vault-init.ts')).accountCreate(email, options));

  const tier = vault.command('tier').description('the tiers of vaults, for whoever runs the server');
  addExample(tier.command('set'), 'vault_acme000000000001 Team --config vault.yaml --until 2027-12-31')
    .description('put a vault on a tier; thaws one whose tier lapsed')
    .argument('<vault>', 'its id', vaultIdOf)
    .argument('<tier>', 'one of the configuration: plans')
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .option('--until <date>', 'when it ends, RFC 3339 or a date; default: without an end', momentOf)
    .addOption(outputOption())
    .action(async (id, name, options) =>
      (await import('./server/vault-tier.ts')).vaultTierSet(id, name, options),
    );
  addExample(tier.command('list'), '--config vault.yaml')
    .description('all vaults with their tiers')
    .requiredOption('--config <file>', 'the configuration of `vault serve`')
    .addOption(outputOption())
    .action(async (options) => (await import('./server/vault-tier.ts')).vaultTierList(options));
}

/** The value of a secret, by the hand of a person. */
function settingSecrets(vault: Command): void {
  const setting = withPerson(
    vault
      .command('secret')
      .command('set')
      .description(
        'set a value, read from standard input: a new version. One newline at its end is taken off, nothing else',
      )
      .argument('<name>', 'name of the secret; it is made where there is none')
      .requiredOption('--project <name>', 'the project that it is in; Secrets: Manage there is needed')
      .option(
        '--field <name=@file...>',
        'the fields of a structured secret, each from a file, taken as it is',
      )
      .addOption(outputOption()),
  );
  addExample(setting, 'db-password --project payments < ./value').action(async (name, options) =>
    (await import('./person/secret-set-command.ts')).vaultSecretSet(name, options),
  );
}

/** `seneschal login` and `logout`, for whoever looks for them here. */
function login(vault: Command): void {
  addExample(withLogin(vault.command('login', { hidden: true })))
    .description('see `seneschal login`')
    .addOption(outputOption())
    .action(async (options) => (await import('./person/login-command.ts')).login(options));
  addExample(vault.command('logout', { hidden: true }))
    .description('see `seneschal logout`')
    .addOption(outputOption())
    .addOption(connectToOption())
    .action(async (options) => (await import('./person/login-command.ts')).logout(options));
}

const SERVE_HELP = `
The configuration, its paths relative to its own folder:
  listen: {host: 127.0.0.1, port: 8443, tls: {cert: tls.crt, key: tls.key}}
  publicUrl: https://vault.acme.example   # what clients are told, and what automation signs for: without it automation is refused
  audiences: [https://vault.vault.svc]    # further addresses that automation may sign for
  trustedProxies: [10.0.0.0/8]  # whose X-Forwarded-For is believed
  health: {port: 9090}          # /healthz, /readyz, /metrics
  database: vault.db            # a SQLite file, or postgres://user@host:5432/database for several replicas
  rootKey: {file: root.key}     # or {env: NAME}, {command: [PROGRAM, ...]}; without the key the vault is sealed
  mail: {smtp: {host: mail.acme.example, port: 587, user: vault, passwordFile: smtp.password}, from: vault@acme.example}
  signUp: invited               # who may make an account: open, invited or closed
  webhooks: {allowedAddresses: []}  # private addresses that webhooks may go to
  previousRootKeys: []          # those of before, while keys are wrapped anew
  plans: {selfService: [Free]}  # which tiers accounts take by themselves; see docs/running-the-vault.md
  log: {level: info}
The password of PostgreSQL stands in the URL, in PGPASSWORD, or in a file that PGPASSFILE names.`;

function logLevel(level: string): Option {
  return new Option('--log-level <level>', 'least level of the log')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .default(level);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('expected 0 to 65535.');
  return port;
}

function vaultIdOf(text: string): string {
  if (!/^vault_[A-Za-z0-9]{16}$/.test(text)) {
    throw new InvalidArgumentError('expected vault_ and 16 letters and digits.');
  }
  return text;
}

/** Milliseconds since the epoch. */
function momentOf(text: string): number {
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('expected a date, 2027-01-31, or an RFC 3339 time.');
  return moment;
}

function emailOf(text: string): string {
  if (!isEmail(text)) throw new InvalidArgumentError(`an address ${EMAIL_RULE}.`);
  return text.toLowerCase();
}

function rangesOf(text: string, before: readonly string[] | undefined): readonly string[] {
  if (!isAddressRange(text)) throw new InvalidArgumentError('expected an address or a range: 10.0.0.0/8.');
  return [...(before ?? []), text];
}

function emailsOf(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), emailOf(text)];
}
