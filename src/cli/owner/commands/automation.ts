/** Automation identities, the owner's delegates (V4). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ABILITIES } from '../../../protocol/management.ts';
import { Failure } from '../../failure.ts';
import { writePrivate } from '../../private-files.ts';
import { lifeOf } from '../access.ts';
import { argument, type OwnerCommand, option, optionList } from '../command.ts';

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
        description: 'what it may do',
        choices: ABILITIES,
        required: true,
      },
      { flags: '--life <duration>', description: 'ends by itself: 12h, 90d; default: it does not' },
    ],
    run: async (given, { ask }) => {
      const folder = option(given, 'credentials') ?? '';
      const key = join(folder, 'private.pem');
      // Before it is made: a key that cannot be written is a key that is lost.
      if (existsSync(key)) {
        throw new Failure(
          'Usage',
          `${key} is there already; it is not overwritten.`,
          'Name another --credentials.',
        );
      }
      const life = option(given, 'life');
      const { id, privateKey } = (await ask('POST', '/automations', {
        name: argument(given, 0),
        abilities: optionList(given, 'abilities'),
        ...(life === undefined ? {} : { expiresAt: Date.now() + lifeOf(life, '--life') * 1000 }),
      })) as { id: string; privateKey: string | null };
      await writePrivate(key, privateKey ?? '', true);
      await writePrivate(join(folder, 'automation-id'), id);
      return {
        json: { id, credentials: folder },
        text: `${argument(given, 0)} is made (${id}); its key is in ${folder}.`,
      };
    },
  },
];
