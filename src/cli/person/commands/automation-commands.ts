/** Automation identities, the owner's delegates (V4). */

import { BUDGET_WINDOW } from '#model/loss.ts';
import { spanText } from '#model/span-text.ts';
import { audienceOf } from '#protocol/audience.ts';
import { ABILITIES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { requireFreeFolder, writeCredentials } from '../../terminal/credentials-folder.ts';
import { Failure } from '../../terminal/failure.ts';
import { lifeOf } from '../access-options.ts';
import type { Person } from '../as-person.ts';
import {
  argument,
  type Column,
  done,
  isGiven,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { table } from '../table.ts';
import { AMOUNTS, boundsIn, PLACES } from './automation-bounds-options.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly abilities: readonly string[];
  readonly projects: readonly string[] | null;
  readonly addresses: readonly string[] | null;
  readonly machineAddresses: readonly string[] | null;
  readonly managers: readonly string[] | null;
  readonly expiresAt: number | null;
  readonly keys: readonly { readonly lastUsedAt: number | null }[];
}

const ID = { name: '<id>', description: 'as `automation list` shows it' };

const COLUMNS: readonly Column<Listed>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'ABILITIES', of: ({ abilities }) => abilities.join(',') || 'observes' },
  { title: 'PROJECTS', of: ({ projects }) => projects?.join(',') ?? 'all' },
  { title: 'BOUNDED TO', of: boundedTo },
  { title: 'MANAGERS', of: ({ managers }) => managers?.join(',') ?? '-' },
  { title: 'ENDS', of: ({ expiresAt }) => moment(expiresAt) },
  {
    title: 'LAST USED',
    of: ({ keys }) => moment(Math.max(0, ...keys.map(({ lastUsedAt }) => lastUsedAt ?? 0)) || null),
  },
];

/** Where it is bounded to: what a stolen key of it can reach (SECURITY.md). */
function boundedTo({ projects, addresses, machineAddresses }: Listed): string {
  const bounds = { projects, addresses, 'machine addresses': machineAddresses };
  const named = Object.entries(bounds).flatMap(([name, bound]) => (bound === null ? [] : [name]));
  return named.join(', ') || 'unbounded';
}

export const AUTOMATION_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['automation', 'create'],
    example: 'ci --abilities values:sync --credentials ./ci',
    description:
      'make an identity for the operator or a pipeline; takes a proof of who you are within five minutes',
    arguments: [{ name: '<name>', description: 'what the audit log calls it' }],
    flags: [
      {
        flags: '--credentials <folder>',
        description: 'where its key is written, with the address of this vault',
        required: true,
      },
      {
        flags: '--abilities <ability...>',
        description: 'what it may do; left out: it only observes',
        choices: ABILITIES,
      },
      ...PLACES,
      ...AMOUNTS,
      { flags: '--life <duration>', description: 'ends by itself: 12h, 90d; default: it does not' },
    ],
    run: async (given, { ask, ...where }) => {
      const folder = option(given, 'credentials') ?? '';
      requireFreeFolder(folder);
      const life = option(given, 'life');
      const { id, privateKey } = (await ask('POST', pathTo`/automations`, {
        name: argument(given, 0),
        abilities: optionList(given, 'abilities') ?? [],
        ...defined(boundsIn(given)),
        ...(life === undefined ? {} : { expiresAt: endOf(life) }),
      })) as { id: string; privateKey: string | null };
      await writeCredentials(folder, credentialsOf(where, id, privateKey));
      return {
        json: { id, credentials: folder },
        text: `${argument(given, 0)} is made (${id}); its key is in ${folder}.`,
      };
    },
  },
  {
    words: ['automation', 'set-bounds'],
    example: 'auto_0123456789abcdef --projects payments --addresses 10.0.0.0/8',
    description:
      'hold an automation identity to other bounds from its next request on; takes a proof of who you are within five minutes',
    arguments: [ID],
    flags: [
      ...PLACES,
      { flags: '--all-projects', description: 'in every project' },
      { flags: '--any-address', description: 'from anywhere' },
      {
        flags: '--own-machine-addresses',
        description: 'its machines are answered from where it sends itself',
      },
      ...AMOUNTS,
      { flags: '--life <duration>', description: 'ends so long from now: 12h, 90d; none: it does not' },
    ],
    run: async (given, { ask }) => {
      const life = option(given, 'life');
      const body = {
        ...boundsIn(given),
        ...(isGiven(given, 'allProjects') ? { projects: null } : {}),
        ...(isGiven(given, 'anyAddress') ? { addresses: null } : {}),
        ...(isGiven(given, 'ownMachineAddresses') ? { machineAddresses: null } : {}),
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
    words: ['automation', 'show'],
    example: 'auto_0123456789abcdef',
    description: 'an automation identity with what it used of its budgets and ceilings, and what is left',
    arguments: [ID],
    run: async (given, { ask }) => {
      const shown = (await ask('GET', pathTo`/automations/${argument(given, 0)}`)) as Shown;
      return { json: shown, text: shownText(shown) };
    },
  },
  {
    words: ['automation', 'revoke'],
    example: 'auto_0123456789abcdef',
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
    example: 'auto_0123456789abcdef --credentials ./ci-2',
    description:
      'give an automation identity its second key; takes a proof of who you are within five minutes',
    arguments: [ID],
    flags: [{ flags: '--credentials <folder>', description: 'where it is written', required: true }],
    run: async (given, { ask, ...where }) => {
      const folder = option(given, 'credentials') ?? '';
      requireFreeFolder(folder);
      const id = argument(given, 0);
      const { fingerprint, privateKey } = (await ask('POST', pathTo`/automations/${id}/keys`, {})) as {
        fingerprint: string;
        privateKey: string | null;
      };
      await writeCredentials(folder, credentialsOf(where, id, privateKey));
      const text = `${id} has the key ${fingerprint} too; it is in ${folder}.`;
      return { json: { id, fingerprint, credentials: folder }, text };
    },
  },
  {
    words: ['automation', 'revoke-key'],
    example: 'auto_0123456789abcdef 4b9c2f0d6a1e8735',
    description: 'revoke one of the two keys of an automation identity',
    arguments: [ID, { name: '<fingerprint>', description: 'as `automation list -o json` shows it' }],
    run: async (given, { ask }) => {
      const [id, fingerprint] = [argument(given, 0), argument(given, 1)];
      await ask('DELETE', pathTo`/automations/${id}/keys/${fingerprint}`);
      return done(`${id} has one key left.`);
    },
  },
];

/** Of this vault, by the address that the owner reached it at. */
function credentialsOf(
  { url, vaultId, ca }: Pick<Person, 'url' | 'vaultId' | 'ca'>,
  automationId: string,
  privateKey: string | null,
) {
  return { address: { url: audienceOf(url), vaultId }, ca, automationId, privateKey: privateKey ?? '' };
}

/** A new identity has no bound that would be taken away. */
function defined(bounds: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== null));
}

interface Shown extends Listed {
  readonly budgets: readonly Use[];
  readonly underCeilings: readonly Omit<Use, 'name'>[];
}
interface Use {
  readonly name?: string;
  readonly class?: string;
  readonly limit: number | null;
  readonly used: number;
  readonly left: number | null;
  readonly freeAt?: number | null;
}

const USES: readonly Column<Use>[] = [
  { title: 'OF', of: ({ name, class: one }) => name ?? one ?? '' },
  { title: 'AT MOST', of: ({ limit }) => String(limit ?? 'unbounded') },
  { title: 'USED', of: ({ used }) => String(used) },
  { title: 'LEFT', of: ({ left }) => String(left ?? '-') },
  { title: 'MORE FROM', of: ({ freeAt, used }) => (used === 0 ? '-' : moment(freeAt ?? null)) },
];

function shownText(shown: Shown): string {
  return [
    table(null, [shown], COLUMNS, '').text,
    'What it may give:',
    table(null, shown.budgets, USES, '').text,
    `What it may lose, and its PlanApprovals release, in ${spanText(BUDGET_WINDOW)}:`,
    table(null, shown.underCeilings, USES.slice(0, 4), '').text,
  ].join('\n');
}

/** Milliseconds since the epoch. Throws Failure. */
function endOf(life: string): number {
  return Date.now() + lifeOf(life, '--life') * 1000;
}
