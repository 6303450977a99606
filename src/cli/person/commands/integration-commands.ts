/** Webhooks: where events of the vault are sent, signed. */

import { existsSync } from 'node:fs';
import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { writePrivate } from '../../terminal/private-files.ts';
import {
  argument,
  type CommandInput,
  done,
  isGiven,
  type OwnerCommand,
  option,
  type Told,
} from '../person-command.ts';
import { table } from '../table.ts';

interface Listed {
  readonly name: string;
  readonly url: string;
  readonly lastSuccessAt: number | null;
  readonly lastError: string | null;
  readonly failures: number;
  readonly disabledAt: number | null;
}

const NAME = { name: '<name>', description: 'name of the webhook' };
const OUT = {
  flags: '--out <file>',
  description: 'where the secret that bodies are signed with is written, once, for you alone; never printed',
  required: true,
} as const;

export const INTEGRATION_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['integration', 'list'],
    description: 'webhooks with their health',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/integrations`)) as { integrations: readonly Listed[] };
      return table(
        answer,
        answer.integrations,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'STATE', of: ({ disabledAt }) => (disabledAt === null ? 'On' : 'Off') },
          { title: 'LAST SUCCESS', of: ({ lastSuccessAt }) => moment(lastSuccessAt) },
          { title: 'FAILURES', of: ({ failures }) => String(failures) },
          { title: 'LAST ERROR', of: ({ lastError }) => lastError ?? '-' },
          { title: 'URL', of: ({ url }) => url },
        ],
        'No webhook.',
      );
    },
  },
  {
    words: ['integration', 'create'],
    example: 'chat https://hooks.acme.example/vault --out ./signing-secret',
    description: 'make a webhook; an alert rule names what is sent there (`alert set --webhook`)',
    arguments: [
      NAME,
      { name: '<url>', description: 'https://, a public address unless the server allows it' },
    ],
    flags: [OUT],
    run: async (given, { ask }) => {
      const file = freeFile(given);
      const body = { name: argument(given, 0), url: argument(given, 1) };
      return secretWritten(file, argument(given, 0), await ask('POST', pathTo`/integrations`, body));
    },
  },
  {
    words: ['integration', 'set'],
    example: 'chat https://hooks.acme.example/vault --off',
    description: 'change the address of a webhook; it is on afterwards, unless --off',
    arguments: [NAME, { name: '<url>', description: 'https://' }],
    flags: [{ flags: '--off', description: 'nothing is sent there' }],
    run: async (given, { ask }) => {
      const enabled = !isGiven(given, 'off');
      await ask('PUT', pathTo`/integrations/${argument(given, 0)}`, { url: argument(given, 1), enabled });
      return done(`${argument(given, 0)} is ${enabled ? 'on' : 'off'}.`);
    },
  },
  {
    words: ['integration', 'renew-secret'],
    example: 'chat --out ./signing-secret',
    description: 'another secret for a webhook; the former one signs nothing from now on',
    arguments: [NAME],
    flags: [OUT],
    run: async (given, { ask }) => {
      const file = freeFile(given);
      const path = pathTo`/integrations/${argument(given, 0)}/secret`;
      return secretWritten(file, argument(given, 0), await ask('POST', path));
    },
  },
  {
    words: ['integration', 'test'],
    example: 'chat',
    description: 'send an event to a webhook now, and say how it went',
    arguments: [NAME],
    run: async (given, { ask }) => {
      const answer = (await ask('POST', pathTo`/integrations/${argument(given, 0)}/test`)) as {
        delivered: boolean;
        error: string | null;
      };
      if (!answer.delivered) {
        throw new Failure(
          'Error',
          `${argument(given, 0)} did not take the event: ${answer.error ?? 'unknown'}.`,
          'See docs/running-the-vault.md for what a webhook answers.',
        );
      }
      return { json: answer, text: `${argument(given, 0)} took the event.` };
    },
  },
  {
    words: ['integration', 'delete'],
    example: 'chat',
    description: 'delete a webhook with what waits for it',
    arguments: [NAME],
    confirm: (given) => `${argument(given, 0)} would be told nothing any more.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/integrations/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is deleted.`);
    },
  },
];

/** Before it is made: a secret that cannot be written is lost. Throws Failure `Usage`. */
function freeFile(given: CommandInput): string {
  const file = option(given, 'out') ?? '';
  if (!existsSync(file)) return file;
  throw new Failure('Usage', `${file} is there already; it is not overwritten.`, 'Name another --out.');
}

async function secretWritten(file: string, name: string, answer: unknown): Promise<Told> {
  await writePrivate(file, `${(answer as { secret: string }).secret}\n`, true);
  return { json: { name, secretFile: file }, text: `The secret of ${name} is in ${file}.` };
}
