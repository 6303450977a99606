/** Automation identities, the owner's delegates (V4). */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LOSS_CLASSES } from '#model/loss.ts';
import { ABILITIES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { Failure } from '../../terminal/failure.ts';
import { writePrivate } from '../../terminal/private-files.ts';
import { lifeOf } from '../access-options.ts';
import {
  argument,
  type Column,
  type CommandInput,
  done,
  isGiven,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { moment, table } from '../table.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly abilities: readonly string[];
  readonly projects: readonly string[] | null;
  readonly expiresAt: number | null;
  readonly keys: readonly { readonly lastUsedAt: number | null }[];
}

const ID = { name: '<id>', description: 'as `automation list` shows it' };

const CEILING = {
  flags: '--ceiling <class=count...>',
  description: `losses in seven days at most, of ${LOSS_CLASSES.join(', ')}: people=5`,
};

const COLUMNS: readonly Column<Listed>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'ABILITIES', of: ({ abilities }) => abilities.join(',') || 'observes' },
  { title: 'PROJECTS', of: ({ projects }) => projects?.join(',') ?? 'all' },
  { title: 'ENDS', of: ({ expiresAt }) => moment(expiresAt) },
  {
    title: 'LAST USED',
    of: ({ keys }) => moment(Math.max(0, ...keys.map(({ lastUsedAt }) => lastUsedAt ?? 0)) || null),
  },
];

function addresses(given: CommandInput): { readonly addresses?: readonly string[] } {
  const ranges = optionList(given, 'addresses');
  return ranges === undefined ? {} : { addresses: ranges };
}

export const AUTOMATION_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['automation', 'create'],
    description:
      'make an identity for the operator or a pipeline; takes a proof of who you are within five minutes',
    arguments: [{ name: '<name>', description: 'what the audit log calls it' }],
    flags: [
      {
        flags: '--credentials <folder>',
        description: 'where automation-id and private.pem are written',
        required: true,
      },
      {
        flags: '--abilities <ability...>',
        description: 'what it may do; left out: it only observes',
        choices: ABILITIES,
      },
      { flags: '--projects <project...>', description: 'what it does elsewhere is refused' },
      { flags: '--machines-per-hour <count>', description: 'new machines in an hour at most' },
      { flags: '--addresses <range...>', description: 'what it sends from elsewhere is refused: 10.0.0.0/8' },
      CEILING,
      { flags: '--life <duration>', description: 'ends by itself: 12h, 90d; default: it does not' },
    ],
    run: async (given, { ask }) => {
      const folder = option(given, 'credentials') ?? '';
      const key = freeKeyFile(folder);
      const life = option(given, 'life');
      const projects = optionList(given, 'projects');
      const machines = option(given, 'machinesPerHour');
      const { id, privateKey } = (await ask('POST', pathTo`/automations`, {
        name: argument(given, 0),
        abilities: optionList(given, 'abilities') ?? [],
        ...(projects === undefined ? {} : { projects }),
        ...(machines === undefined ? {} : { machinesPerHour: countOf(machines) }),
        ...addresses(given),
        ...ceilings(given),
        ...(life === undefined ? {} : { expiresAt: endOf(life) }),
      })) as { id: string; privateKey: string | null };
      await writePrivate(key, privateKey ?? '', true);
      await writePrivate(join(folder, 'automation-id'), id);
      return {
        json: { id, credentials: folder },
        text: `${argument(given, 0)} is made (${id}); its key is in ${folder}.`,
      };
    },
  },
  {
    words: ['automation', 'set-bounds'],
    description:
      'hold an automation identity to other bounds from its next request on; takes a proof of who you are within five minutes',
    arguments: [ID],
    flags: [
      { flags: '--projects <project...>', description: 'what it does elsewhere is refused' },
      { flags: '--all-projects', description: 'in every project' },
      {
        flags: '--machines-per-hour <count>',
        description: 'new machines in an hour at most; none: without a bound',
      },
      { flags: '--addresses <range...>', description: 'what it sends from elsewhere is refused: 10.0.0.0/8' },
      { flags: '--any-address', description: 'from anywhere' },
      CEILING,
      { flags: '--life <duration>', description: 'ends so long from now: 12h, 90d; none: it does not' },
    ],
    run: async (given, { ask }) => {
      const machines = option(given, 'machinesPerHour');
      const life = option(given, 'life');
      const projects = isGiven(given, 'allProjects') ? null : optionList(given, 'projects');
      const body = {
        ...(projects === undefined ? {} : { projects }),
        ...(machines === undefined
          ? {}
          : { machinesPerHour: machines === 'none' ? null : countOf(machines) }),
        ...(isGiven(given, 'anyAddress') ? { addresses: null } : addresses(given)),
        ...ceilings(given),
        ...(life === undefined ? {} : { expiresAt: life === 'none' ? null : endOf(life) }),
      };
      if (Object.keys(body).length === 0) {
        throw new Failure('Usage', 'No bound is named.', 'See `vault automation set-bounds --help`.');
      }
      const id = argument(given, 0);
      await ask('PATCH', pathTo`/automations/${id}`, body);
      return { json: { id, ...body }, text: `${id} is held to that from its next request on.` };
    },
  },
  {
    words: ['automation', 'list'],
    description: 'automation identities with what they are held to, those that are over among them',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/automations`)) as { automations: readonly Listed[] };
      return table(answer, answer.automations, COLUMNS, 'No automation identity.');
    },
  },
  {
    words: ['automation', 'revoke'],
    description: 'revoke an automation identity for good: its next request is refused',
    arguments: [ID],
    confirm: (given) => `${argument(given, 0)} could do nothing any more, and would not come back.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/automations/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is revoked.`);
    },
  },
  {
    words: ['automation', 'add-key'],
    description:
      'give an automation identity its second key; takes a proof of who you are within five minutes',
    arguments: [ID],
    flags: [{ flags: '--credentials <folder>', description: 'where it is written', required: true }],
    run: async (given, { ask }) => {
      const folder = option(given, 'credentials') ?? '';
      const key = freeKeyFile(folder);
      const id = argument(given, 0);
      const { fingerprint, privateKey } = (await ask('POST', pathTo`/automations/${id}/keys`, {})) as {
        fingerprint: string;
        privateKey: string | null;
      };
      await writePrivate(key, privateKey ?? '', true);
      await writePrivate(join(folder, 'automation-id'), id);
      const text = `${id} has the key ${fingerprint} too; it is in ${folder}.`;
      return { json: { id, fingerprint, credentials: folder }, text };
    },
  },
  {
    words: ['automation', 'revoke-key'],
    description: 'revoke one of the two keys of an automation identity',
    arguments: [ID, { name: '<fingerprint>', description: 'as `automation list -o json` shows it' }],
    run: async (given, { ask }) => {
      const [id, fingerprint] = [argument(given, 0), argument(given, 1)];
      await ask('DELETE', pathTo`/automations/${id}/keys/${fingerprint}`);
      return done(`${id} has one key left.`);
    },
  },
];

/** Before it is made: a key that cannot be written is a key that is lost. Throws Failure. */
function freeKeyFile(folder: string): string {
  const key = join(folder, 'private.pem');
  if (!existsSync(key)) return key;
  throw new Failure(
    'Usage',
    `${key} is there already; it is not overwritten.`,
    'Name another --credentials.',
  );
}

/** Milliseconds since the epoch. Throws Failure. */
function endOf(life: string): number {
  return Date.now() + lifeOf(life, '--life') * 1000;
}

/** Throws Failure. */
function ceilings(given: CommandInput): { readonly ceilings?: Readonly<Record<string, number>> } {
  const named = optionList(given, 'ceiling');
  if (named === undefined) return {};
  const counts = named.map((text) => {
    const [, name, count] = /^([a-z]+)=(\d{1,6})$/.exec(text) ?? [];
    if (name !== undefined && LOSS_CLASSES.some((one) => one === name)) return [name, Number(count)] as const;
    throw new Failure(
      'Usage',
      `--ceiling ${text} is no class of losses with a count.`,
      `Write one of ${LOSS_CLASSES.join(', ')}, = and a whole number.`,
    );
  });
  return { ceilings: Object.fromEntries(counts) };
}

/** Throws Failure. */
function countOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Failure('Usage', `--machines-per-hour ${text} is no count.`, 'Name a whole number.');
}
