/** Commands and their options. Each command's code is imported when it runs: `version` needs none of it. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { withLogin, withPerson } from './person/person-options.ts';
import { addQuestions } from './questions/question-commands.ts';
import { connectToOption } from './terminal/connect-to.ts';
import { credentialsOption } from './terminal/credentials-option.ts';
import { type CommandOutcome, EXIT_CODES, exitCode } from './terminal/exit-codes.ts';
import { failureOf } from './terminal/failure.ts';
import { addExample, withHelp } from './terminal/help.ts';
import { outputOption } from './terminal/output-option.ts';
import { outliveReaders, print } from './terminal/print.ts';
import { VERSION } from './version.ts';

/** Runs the command that `argv` names; the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  outliveReaders();
  let outcomes: Iterable<CommandOutcome> = [];
  try {
    const program = await programFor(argv[2], (ended) => {
      outcomes = ended;
    });
    await program.parseAsync([...argv]);
    return process.exitCode === undefined ? exitCode(outcomes) : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.Usage.code;
    const failure = failureOf(error);
    process.stderr.write(`error: ${failure.message}\n  next: ${failure.next}\n`);
    if (process.env.SENESCHAL_DEBUG === '1' && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    return exitCode([failure.outcome]);
  }
}

/** The command that goes by the whole tree. */
export const ALL = 'completion';

type End = (outcomes: Iterable<CommandOutcome>) => void;

export async function programFor(name: string | undefined, end: End): Promise<Command> {
  const program = new Command('seneschal')
    .description('Organizations of a secrets vault, as code')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .showSuggestionAfterError();
  withHelp(program);

  overFolders(program, end);
  addQuestions(program, end);
  byPeople(program, end);
  signingIn(program);

  addExample(program.command('completion'), 'bash')
    .description('print a script that completes commands and options; `source <(seneschal completion bash)`')
    .addArgument(new Argument('<shell>', 'for which').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => (await import('./terminal/completion-command.ts')).completion(program, shell));

  addExample(program.command('version'))
    .description('print the version')
    .addOption(outputOption())
    .action(({ output }) => print(output === 'json' ? JSON.stringify({ version: VERSION }) : VERSION));

  await mount(program, name, end);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** What a folder declares, and what the vault has of it. */
function overFolders(program: Command, end: End): void {
  const validate = program
    .command('validate')
    .description('check a folder; nothing is asked of the vault')
    .addOption(outputOption());
  addExample(withFolder(validate, false), './acme').action(async (folder, options) =>
    end(await (await import('./gitops/validate-command.ts')).validate(folder, options)),
  );

  const plan = program
    .command('plan')
    .description('print what apply would do, and what the rails hold')
    .option('--out <file>', 'write the plan as JSON, for apply --plan')
    .addOption(outputOption(['text', 'markdown', 'json']))
    .addOption(
      new Option(
        '--redact <what>',
        'with -o markdown: numbers in place of names, for a public repository',
      ).choices(['names']),
    )
    .addOption(acceptOption());
  addExample(withFolder(plan, true), './acme --credentials ./credentials --out plan.json').action(
    async (folder, options) =>
      end(await (await import('./gitops/plan-command.ts')).planCommand(folder, options)),
  );

  const apply = program
    .command('apply')
    .description('bring the vault to what the folder declares')
    .option('--plan <file>', 'apply the steps of this reviewed plan and no others')
    .option('--yes', 'do not ask; at a terminal it is asked before anything is applied')
    .addOption(acceptOption())
    .option('--approve', 'approve what is held, by the session of `login`; at a terminal it is asked')
    .option('--reason <text>', 'why it is approved; kept in the audit log')
    .addOption(contextOption())
    .addOption(outputOption());
  addExample(withFolder(apply, true), './acme --credentials ./credentials --plan plan.json').action(
    async (folder, options) => {
      const [{ apply }, { approvingAtTerminal }, { confirmingAtTerminal }] = await Promise.all([
        import('./gitops/apply-command.ts'),
        import('./person/approve-at-terminal.ts'),
        import('./gitops/confirm-apply.ts'),
      ]);
      end(await apply(folder, options, approvingAtTerminal(options), confirmingAtTerminal(options)));
    },
  );

  const render = program
    .command('render')
    .description(
      'print the Secrets that targets would be, out of values in a file; nothing is asked of a vault',
    )
    .requiredOption('--values <file>', 'YAML: projects, and in them secrets with their values')
    .option('--binding <name>', 'of this MachineBinding alone')
    .addOption(outputOption());
  addExample(withFolder(render, false), './acme --values values.yaml').action(async (folder, options) =>
    (await import('./gitops/render-command.ts')).render(folder, options),
  );

  addExample(program.command('schema'), 'Member')
    .argument('[kind]', 'Organization, Member, ...; left out: one for all kinds')
    .description('print the JSON Schema of a kind, for editors and checks without a cluster')
    .action(async (kind) => void (await import('./gitops/schema-command.ts')).schema(kind));
}

/** What a person decides over managers. */
function byPeople(program: Command, end: End): void {
  const approve = program
    .command('approve')
    .argument('<digest>', 'the digest that a plan prints')
    .description('approve a held plan, as a person: in the vault, or with --kubeconfig by a PlanApproval')
    .option('--reason <text>', 'why; it is kept in the audit log; left out, it is asked for')
    .option('--kubeconfig <file>', 'create a PlanApproval there, as whoever the API server says you are')
    .option('--kube-context <name>', "context of the kubeconfig; default: the file's current one")
    .addOption(outputOption());
  addExample(withPerson(approve), `${'0f5c'.repeat(16)} --reason "The new admin, as agreed"`).action(
    async (digest, options, command: Command) => {
      // Of a cluster the default is the context's.
      const isGiven = command.getOptionValueSource('namespace') !== 'default';
      // What the environment says of a vault is no word about this command.
      const said = Object.entries(options).filter(([name]) => command.getOptionValueSource(name) !== 'env');
      const own = options.kubeconfig === undefined ? options : Object.fromEntries(said);
      const given = { ...own, namespace: isGiven ? options.namespace : undefined };
      end(await (await import('./person/approve-command.ts')).approve(digest, given));
    },
  );

  const freeze = program
    .command('freeze')
    .description('no manager writes to the vault until thaw, but for explicit suspensions (rail 12)')
    .option('--reason <text>', 'why; it is shown to everybody who is held; left out, it is asked for')
    .option('--all', 'explicit suspensions wait too')
    .addOption(outputOption());
  addExample(withPerson(freeze), '--reason "Incident 7"').action(async (options) =>
    end(await (await import('./person/freeze-command.ts')).freeze(options)),
  );

  addExample(withPerson(program.command('thaw').addOption(outputOption())))
    .description('take the freeze away')
    .action(async (options) => end(await (await import('./person/freeze-command.ts')).thaw(options)));

  const claim = program
    .command('claim')
    .description('whose the lease of a vault is, and handing it over (rail 10)');
  addExample(withPerson(claim.command('show', { isDefault: true }).addOption(outputOption())))
    .description('who holds it, since when, and which operator was refused last')
    .action(async (options) => end(await (await import('./person/claim-command.ts')).showClaim(options)));
  const takeover = claim
    .command('takeover')
    .description(
      'take it from whose it is, as the owner or an approver; default: for who is seen to be refused last, which is asked about',
    )
    .option('--reason <text>', 'why; it is kept in the audit log; left out, it is asked for')
    .option('--manager <name>', 'for this manager, with --installation')
    .option('--installation <id>', 'for the operator of this installation, as its status says')
    .option('--free', 'for whoever asks first')
    .option('--yes', 'do not ask where nobody is named')
    .addOption(outputOption());
  addExample(withPerson(takeover), '--reason "The old cluster is gone"').action(async (options) =>
    end(await (await import('./person/claim-command.ts')).takeOver(options)),
  );
}

/** Who acts at a vault, and at which: sessions and contexts. */
function signingIn(program: Command): void {
  addExample(
    withLogin(program.command('login')).addOption(outputOption()),
    '--url https://vault.acme.example --as alice@acme.example',
  )
    .description(
      'sign in; the session is kept as a context for the commands after it, in a file of the user alone',
    )
    .action(async (options) => (await import('./person/login-command.ts')).login(options));

  addExample(program.command('logout'))
    .description('end the session of a context, which stays')
    .addOption(outputOption())
    .addOption(contextOption())
    .addOption(connectToOption())
    .action(async (options) => (await import('./person/login-command.ts')).logout(options));

  addExample(withPerson(program.command('whoami').addOption(outputOption())))
    .description('who acts, at which vault, in which role and until when')
    .action(async (options) => (await import('./person/context-command.ts')).whoami(options));

  const context = program.command('context').description('where commands go, and as whom');
  addExample(context.command('list'))
    .description('the contexts that `login` made; never their tokens')
    .addOption(outputOption())
    .action(async (options) => (await import('./person/context-command.ts')).contextList(options));
  addExample(context.command('use'), 'alice@vault.acme.example')
    .description('go by this context from now on')
    .argument('<name>', 'as `context list` shows it')
    .addOption(outputOption())
    .action(async (name, options) => (await import('./person/context-command.ts')).contextUse(name, options));
  addExample(context.command('delete'), 'alice@vault.acme.example')
    .description('forget a context; sign out of it first')
    .argument('<name>', 'as `context list` shows it')
    .addOption(outputOption())
    .action(async (name, options) =>
      (await import('./person/context-command.ts')).contextDelete(name, options),
    );
}

function contextOption(): Option {
  return new Option('--context <name>', 'which one; default: the current one').env('SENESCHAL_CONTEXT');
}

/** Commands with trees of their own: loaded where they are named, described where they are not. */
async function mount(program: Command, name: string | undefined, end: End): Promise<void> {
  const all = name === ALL;
  if (all || name === 'operator')
    program.addCommand((await import('./gitops/operator-command.ts')).operatorCommand());
  else program.command('operator').description('reconcile the custom resources of a cluster');
  if (all || name === 'vault') program.addCommand((await import('./vault-command.ts')).vaultCommand(end));
  else program.command('vault').description('run and look after a vault server');
  if (all || name === 'audit')
    program.addCommand((await import('./audit/audit-command.ts')).auditCommand(end));
  else
    program.command('audit').description('take the audit log out of a vault, and prove it without the vault');
}

function acceptOption(): Option {
  return new Option(
    '--accept <what>',
    'leave 0 though this is open: cuts, what people took away in the vault and Git declares',
  ).choices(['cuts']);
}

/** What all commands over a folder take, behind what is their own. */
function withFolder(command: Command, vault: boolean): Command {
  command.argument('<folder>', 'the folder with the YAML files; - reads standard input');
  const options = [
    new Option('--organization <name>', 'which Organization, where the folder has several'),
    new Option('--namespace <name>', 'namespace of objects that name none').default('default'),
  ];
  const ofVault = [credentialsOption().makeOptionMandatory(), connectToOption()];
  for (const option of [...(vault ? ofVault : []), ...options])
    command.addOption(option.helpGroup('The folder, and its vault:'));
  return command;
}
