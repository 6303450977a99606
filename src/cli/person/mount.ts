/** The commands of people as commander knows them. */

import { Argument, type Command, Option } from 'commander';
import { type Output, printAnswer } from '../terminal/answer.ts';
import { confirmed } from '../terminal/confirmed.ts';
import { addExample } from '../terminal/help.ts';
import { outputOption } from '../terminal/output-option.ts';
import { asPerson, type PersonOptions } from './as-person.ts';
import type { CommandInput, Flag, OwnerCommand } from './person-command.ts';
import { OWNER_COMMANDS } from './person-commands.ts';
import { withPerson } from './person-options.ts';

/** Adds every command of people below `seneschal vault`. */
export function mountOwnerCommands(vault: Command): void {
  const nouns = new Map<string, Command>();
  for (const command of OWNER_COMMANDS) {
    const [noun, verb] = command.words;
    const parent =
      nouns.get(noun) ?? vault.commands.find((known) => known.name() === noun) ?? vault.command(noun);
    nouns.set(noun, parent.description(parent.description() || NOUNS[noun] || noun));
    mount(parent.command(verb), command);
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  organization: 'the organization itself',
  invite: 'invites of people',
  member: 'people in the organization',
  template: 'permission templates',
  group: 'groups of people',
  access: 'who may do what, and by which path',
  project: 'projects',
  secret: 'secrets of a project; their values are never printed',
  trash: 'deleted secrets and projects, each kept for 30 days',
  policy: 'the conditions under which values of secrets leave',
  machine: 'machines, which read values',
  'enrollment-token': 'tokens by which machines enrol themselves',
  'ip-allowlist': 'the addresses that machines may ask from',
  automation: "automation identities, the owner's delegates",
  alert: 'which acts are told to whom',
  integration: 'webhooks, which events are sent to',
  support: 'whom members turn to',
  mail: 'what became of the mails of the vault',
  cut: 'what people took away in the vault, and whether Git may give it back',
  audit: 'the audit log',
  account: 'your account, and those of others',
  session: 'your sessions',
  passkey: 'your passkeys; a browser adds them',
  'second-factor': 'codes of an authenticator app beside your password',
};

function mount(command: Command, { description, example, flags = [], ...owner }: OwnerCommand): void {
  command.description(description);
  addExample(command, example);
  for (const { name, description: text, choices } of owner.arguments ?? []) {
    const taken = new Argument(name, text);
    command.addArgument(choices === undefined ? taken : taken.choices(choices));
  }
  for (const flag of flags) command.addOption(optionOf(flag));
  if (owner.confirm !== undefined)
    command.option('--yes', 'do it; without this it is said what would be, and asked at a terminal');
  command.addOption(outputOption());
  withPerson(command);
  command.action(async (...all: unknown[]) => {
    const [options, ...before] = all.slice(0, -1).toReversed() as [
      CommandInput['options'] & Person,
      ...unknown[],
    ];
    const given: CommandInput = { arguments: before.toReversed() as CommandInput['arguments'], options };
    await asPerson(
      options,
      async (person) => {
        const what = options.yes === true ? null : ((await owner.confirm?.(given, person)) ?? null);
        if (what !== null) await confirmed(what);
        const { json, text } = await owner.run(given, person);
        printAnswer(options.output, json, text);
      },
      owner.about,
    );
  });
}

type Person = PersonOptions & { readonly output: Output; readonly yes?: boolean };

function optionOf({ flags, description, choices, required }: Flag): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  if (required === true) option.makeOptionMandatory();
  return option;
}
