/** Secrets as people see them: names and versions, never values (V8). */
import type { OwnerCommand } from '../command.ts';
import { table } from '../table.ts';

interface Listed {
  readonly project: string;
  readonly name: string;
  readonly version: number;
  readonly fieldNames: readonly string[] | null;
}

export const SECRET_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['secret', 'list'],
    description: 'names and versions of the secrets that you may see',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', '/secrets')) as { secrets: readonly Listed[] };
      return table(
        answer,
        answer.secrets,
        [
          { title: 'PROJECT', of: ({ project }) => project },
          { title: 'NAME', of: ({ name }) => name },
          { title: 'VERSION', of: ({ version }) => String(version) },
          { title: 'FIELDS', of: ({ fieldNames }) => fieldNames?.join(', ') ?? '-' },
        ],
        'No secret that you may see.',
      );
    },
  },
];
