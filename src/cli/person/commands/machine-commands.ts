/** Machines: provision, approve, switch, grant, revoke (H1, H2). */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { writePrivate } from '../../terminal/private-files.ts';
import { accessOf, lifeOf, windowOf } from '../access-options.ts';
import type { Person } from '../as-person.ts';
import { BUNDLE_FLAGS, bundleFolder } from '../bundle-folder.ts';
import { allPages } from '../pages.ts';
import {
  argument,
  type CommandInput,
  done,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { table } from '../table.ts';
import { ANEW, counted } from '../what-falls-away.ts';

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly approved: boolean;
  readonly enabled: boolean;
  readonly expiresAt: number | null;
  readonly keys: readonly { readonly fingerprint: string; readonly lastUsedAt: number | null }[];
  readonly access: readonly { readonly project: string; readonly secrets: readonly string[] }[];
}

interface Revocation {
  readonly projects: readonly { readonly project: string; readonly secrets: readonly string[] }[];
  readonly keys: readonly { readonly fingerprint: string; readonly lastUsedAt: number | null }[];
  readonly manager: string | null;
}

interface Bootstrap {
  readonly id: string;
  readonly command: string;
  readonly powershell: string;
  readonly kubernetes: string;
  readonly expiresAt: number;
}

const BOOTSTRAP_FIELD: ReadonlyMap<string, 'command' | 'powershell' | 'kubernetes'> = new Map([
  ['sh', 'command'],
  ['powershell', 'powershell'],
  ['kubernetes', 'kubernetes'],
]);

const NAME = { name: '<name>', description: 'name of the machine' };
const ACCESS = {
  flags: '--access <project/secret...>',
  description: 'secrets that it may read, one by one (H2); PROJECT/ alone attaches it to the project',
};

const KEYS = {
  flags: '--key <fingerprint...>',
  description: 'keys of the machine as you know them, all of them; left out, those that it has now',
};

/** The keys that it is decided on: the vault refuses where another came since. */
async function decidedOn(given: CommandInput, ask: Person['ask']): Promise<readonly string[]> {
  const named = optionList(given, 'key');
  if (named !== undefined) return named;
  const path = pathTo`/machines/${argument(given, 0)}/revocation`;
  const { keys } = (await ask('GET', path)) as Revocation;
  return keys.map(({ fingerprint }) => fingerprint);
}

function withKeys(fingerprints: readonly string[]): string {
  return `; its ${fingerprints.length === 1 ? 'key is' : 'keys are'} ${fingerprints.join(', ')}.`;
}

/** What it reads until then; null: nothing. */
async function disabling(given: CommandInput, { ask }: Person): Promise<string | null> {
  const name = argument(given, 0);
  const { projects, manager } = (await ask('GET', pathTo`/machines/${name}/revocation`)) as Revocation;
  const count = projects.reduce((sum, { secrets }) => sum + secrets.length, 0);
  if (count === 0) return null;
  const anew = manager === null ? '' : ` ${ANEW}`;
  return `${name} would be refused from its next request on, and read none of ${counted(count, 'secret')}.${anew}`;
}

/** What it would read no longer; null: it keeps all that it has. */
async function losing(given: CommandInput, { ask }: Person): Promise<string | null> {
  const name = argument(given, 0);
  const wanted = accessOf(optionList(given, 'access') ?? []);
  const { projects } = (await ask('GET', pathTo`/machines/${name}/revocation`)) as Revocation;
  const kept = new Set(
    wanted.flatMap(({ project, secrets }) => [
      `${project}/`,
      ...secrets.map((secret) => `${project}/${secret}`),
    ]),
  );
  const lost = projects
    .flatMap(({ project, secrets }) => [`${project}/`, ...secrets.map((secret) => `${project}/${secret}`)])
    .filter((one) => !kept.has(one));
  return lost.length === 0 ? null : `${name} would lose ${lost.join(', ')}. ${ANEW}`;
}

const act = (verb: 'reject' | 'enable' | 'disable', description: string, told: string): OwnerCommand => ({
  ...(verb === 'disable' ? { confirm: disabling } : {}),
  words: ['machine', verb],
  example: 'builder',
  description,
  arguments: [NAME],
  run: async (given, { ask }) => {
    await ask('POST', pathTo`/machines/${argument(given, 0)}/${verb}`);
    return done(`${argument(given, 0)} is ${told}.`);
  },
});

export const MACHINE_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['machine', 'list'],
    description: 'machines with their state, keys and access',
    run: async (_, { ask }) => {
      const { rows: machines } = await allPages<Listed>(ask, { path: pathTo`/machines`, rows: 'machines' });
      return table(
        { machines },
        machines,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'KIND', of: ({ kind }) => kind },
          {
            title: 'STATE',
            of: ({ approved, enabled }) => (!approved ? 'Waiting' : enabled ? 'Enabled' : 'Disabled'),
          },
          { title: 'ENDS', of: ({ expiresAt }) => moment(expiresAt) },
          { title: 'KEYS', of: ({ keys }) => String(keys.length) },
          {
            title: 'LAST USED',
            of: ({ keys }) => moment(Math.max(0, ...keys.map(({ lastUsedAt }) => lastUsedAt ?? 0)) || null),
          },
          {
            title: 'SECRETS',
            of: ({ access }) => String(access.reduce((sum, { secrets }) => sum + secrets.length, 0)),
          },
        ],
        'No machine.',
      );
    },
  },
  {
    words: ['machine', 'create'],
    example: 'builder --life 12h --access payments/db-password --out ./builder',
    description: 'make a machine, approved at once; its identity is written to a folder of files',
    arguments: [NAME],
    flags: [
      ...BUNDLE_FLAGS,
      { flags: '--life <duration>', description: 'ends by itself: 90m, 12h, 30d (a temporary machine)' },
      {
        flags: '--address <range...>',
        description: 'with --life: addresses or CIDR ranges that it may ask from (a guardrail)',
      },
      {
        flags: '--hours <days/from-to/zone>',
        description:
          'with --life: when it may ask, for example Mon,Tue/08:00-18:00/Europe/Berlin (a guardrail)',
      },
      ACCESS,
    ],
    run: async (given, { ask }) => {
      const { mountPath, write } = bundleFolder(given);
      const life = option(given, 'life');
      const access = optionList(given, 'access');
      const [addresses, window] = [optionList(given, 'address'), windowOf(option(given, 'hours'))];
      const guardrails = {
        ...(addresses === undefined ? {} : { addresses }),
        ...(window === null ? {} : { window }),
      };
      const answer = (await ask('POST', pathTo`/machines`, {
        name: argument(given, 0),
        ...(life === undefined ? {} : { lifeSeconds: lifeOf(life, '--life') }),
        mountPath,
        ...(access === undefined ? {} : { access: accessOf(access) }),
        ...(Object.keys(guardrails).length === 0 ? {} : { guardrails }),
      })) as { bundle: Readonly<Record<string, string>> | null; machineId: string; machineName: string };
      const { bundle, ...rest } = answer;
      const files = await write(bundle);
      return {
        json: { ...rest, files },
        text: [`${answer.machineName} is made (${answer.machineId}). Its identity is in:`, ...files].join(
          '\n  ',
        ),
      };
    },
  },
  {
    words: ['machine', 'bootstrap'],
    example: '--name web-1 --out ./bootstrap',
    description: 'make a command by which one machine registers itself within ten minutes; then approve it',
    flags: [
      {
        flags: '--out <file>',
        description: 'where the command is written, which holds a token; never printed',
        required: true,
      },
      { flags: '--name <name>', description: 'of the machine; left out, that of its host' },
      { flags: '--for <what>', description: 'sh (the default), powershell or kubernetes: what will run it' },
    ],
    run: async (given, { ask }) => {
      const [file, name] = [option(given, 'out') ?? '', option(given, 'name')];
      const body = name === undefined ? {} : { name };
      const field = BOOTSTRAP_FIELD.get(option(given, 'for') ?? 'sh');
      if (field === undefined) {
        throw new Failure('Usage', '--for is sh, powershell or kubernetes.', 'Name one of them.');
      }
      const made = (await ask('POST', pathTo`/bootstrap-tokens`, body)) as Bootstrap;
      await writePrivate(file, `${made[field]}\n`, true);
      return {
        json: { id: made.id, expiresAt: made.expiresAt, file },
        text: `Run what is in ${file} on the machine before ${moment(made.expiresAt)}, then: seneschal vault machine approve ${name ?? 'with the name of its host'}`,
      };
    },
  },
  {
    words: ['machine', 'approve'],
    example: 'builder',
    description: 'let a machine in that registered itself, with the keys that it has',
    arguments: [NAME],
    flags: [KEYS],
    run: async (given, { ask }) => {
      const name = argument(given, 0);
      const fingerprints = await decidedOn(given, ask);
      await ask('POST', pathTo`/machines/${name}/approve`, { fingerprints });
      return { json: { done: true, fingerprints }, text: `${name} is approved${withKeys(fingerprints)}` };
    },
  },
  act('reject', 'turn away a machine that registered itself', 'rejected'),
  act('enable', 'enable a machine that was disabled', 'enabled'),
  act('disable', 'disable a machine: its next request is refused', 'disabled'),
  {
    words: ['machine', 'set-access'],
    example: 'builder --access payments/db-password website/',
    description: 'which secrets a machine may read, all of them (H2)',
    arguments: [NAME],
    flags: [{ ...ACCESS, required: true }, KEYS],
    confirm: losing,
    run: async (given, { ask }) => {
      const access = accessOf(optionList(given, 'access') ?? []);
      const fingerprints = await decidedOn(given, ask);
      await ask('PUT', pathTo`/machines/${argument(given, 0)}/access`, { access, fingerprints });
      const count = access.reduce((sum, { secrets }) => sum + secrets.length, 0);
      const secrets = count === 1 ? '1 secret' : `${count} secrets`;
      return {
        json: { done: true, fingerprints },
        text: `${argument(given, 0)} may read ${secrets}${withKeys(fingerprints)}`,
      };
    },
  },
  {
    words: ['machine', 'add-key'],
    example: 'builder --out ./builder-2',
    description: 'give a machine its second key, as an identity of its own beside the first',
    arguments: [NAME],
    flags: BUNDLE_FLAGS,
    run: async (given, { ask }) => {
      const { mountPath, write } = bundleFolder(given);
      const name = argument(given, 0);
      const { fingerprint, bundle } = (await ask('POST', pathTo`/machines/${name}/keys`, { mountPath })) as {
        fingerprint: string;
        bundle: Record<string, string> | null;
      };
      const files = await write(bundle);
      const text = [`${name} has the key ${fingerprint} too. Its identity is in:`, ...files].join('\n  ');
      return { json: { fingerprint, files }, text };
    },
  },
  {
    words: ['machine', 'revoke-key'],
    example: 'builder 4b9c2f0d6a1e8735',
    description: 'revoke one of the two keys of a machine: its next request is refused',
    arguments: [NAME, { name: '<fingerprint>', description: 'as `machine list -o json` shows it' }],
    run: async (given, { ask }) => {
      const [name, fingerprint] = [argument(given, 0), argument(given, 1)];
      await ask('DELETE', pathTo`/machines/${name}/keys/${fingerprint}`);
      return done(`${name} has one key left.`);
    },
  },
  {
    words: ['machine', 'revoke'],
    example: 'builder',
    description: 'revoke a machine for good, with its keys and grants',
    arguments: [NAME],
    confirm: async (given, { ask }) => {
      const name = argument(given, 0);
      const { projects, keys, manager } = (await ask(
        'GET',
        pathTo`/machines/${name}/revocation`,
      )) as Revocation;
      const secrets = projects.flatMap(({ project, secrets }) =>
        secrets.map((secret) => `${project}/${secret}`),
      );
      const last = Math.max(0, ...keys.map(({ lastUsedAt }) => lastUsedAt ?? 0));
      const used = last === 0 ? 'never used' : `last used ${moment(last)}`;
      return [
        `${name} would lose ${secrets.length === 0 ? 'no secret' : secrets.join(', ')};`,
        `its keys were ${used}${manager === null ? '' : `; it is managed by ${manager}`}.`,
      ].join(' ');
    },
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/machines/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is revoked.`);
    },
  },
];
