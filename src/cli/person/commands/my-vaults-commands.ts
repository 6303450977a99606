/** The vaults of one person: which there are, another one, and which the kept session is for. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { keptSessionOf } from '../contexts.ts';
import { keepVault } from '../only-vault.ts';
import { argument, type OwnerCommand, option } from '../person-command.ts';
import { table } from '../table.ts';

interface MyVault {
  readonly vaultId: string;
  readonly displayName: string;
  readonly role: string;
  readonly state: string;
}

interface Made {
  readonly vaultId: string;
  readonly plan: string;
  readonly planUntil: number | null;
}

function useIt({ vaultId, plan, planUntil }: Made): string {
  const end = planUntil === null ? '' : ` until ${moment(planUntil)}`;
  return `${vaultId} is made, on the tier ${plan}${end}. Go on there: seneschal vault organization use ${vaultId}`;
}

export const MY_VAULTS_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['organization', 'list'],
    about: 'account',
    description: 'the organizations and personal vaults that you are a member of',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/me/vaults`)) as {
        vaults: readonly MyVault[];
        invites: readonly unknown[];
      };
      const invites =
        answer.invites.length === 0 ? '' : `\n${answer.invites.length} invites wait: vault invite mine.`;
      const shown = table(
        answer,
        answer.vaults,
        [
          { title: 'ID', of: ({ vaultId }) => vaultId },
          { title: 'NAME', of: ({ displayName }) => displayName },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'STATE', of: ({ state }) => state },
        ],
        'None.',
      );
      return { json: answer, text: shown.text + invites };
    },
  },
  {
    words: ['organization', 'use'],
    example: 'vault_acme000000000001',
    about: 'account',
    description: 'bind the session of `login` to another vault of yours',
    arguments: [{ name: '<vault>', description: 'its id, as `organization list` shows it' }],
    run: async (given, { askAccount }) => {
      if (option(given, 'as') !== undefined) {
        throw new Failure('Usage', '--as keeps no session.', 'Sign in with `seneschal login`.');
      }
      const vaultId = argument(given, 0);
      const { context: name } = await keptSessionOf(Date.now(), option(given, 'context'));
      await askAccount('PUT', pathTo`/sessions/current/vault`, { vaultId });
      await keepVault(name, vaultId);
      return { json: { vaultId }, text: `The session is for ${vaultId} now.` };
    },
  },
  {
    words: ['organization', 'create'],
    example: 'Acme --tier Team',
    about: 'account',
    description: 'make an organization, as its owner, on a tier of self-service (O1, P1)',
    arguments: [{ name: '<name>', description: 'its displayed name' }],
    flags: [{ flags: '--tier <name>', description: 'see `organization tiers`', required: true }],
    run: async (given, { askAccount }) => {
      const body = { displayName: argument(given, 0), plan: option(given, 'tier') };
      const made = (await askAccount('POST', pathTo`/organizations`, body)) as Made;
      return { json: made, text: useIt(made) };
    },
  },
  {
    words: ['organization', 'create-personal'],
    example: 'Mine',
    about: 'account',
    description: 'make a personal vault (O1)',
    arguments: [{ name: '[name]', description: 'default: Personal' }],
    run: async (given, { askAccount }) => {
      const displayName = argument(given, 0);
      const made = (await askAccount(
        'POST',
        pathTo`/vaults`,
        displayName === '' ? {} : { displayName },
      )) as Made;
      return { json: made, text: useIt(made) };
    },
  },
  {
    words: ['organization', 'tiers'],
    about: 'account',
    description: 'the tiers of the server, and which of them you take yourself',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/plans`)) as {
        plans: readonly {
          readonly name: string;
          readonly selfService: boolean;
          readonly caps: { readonly members: number | null };
        }[];
      };
      return table(
        answer,
        answer.plans,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'MEMBERS', of: ({ caps }) => String(caps.members ?? 'any') },
          { title: 'BY', of: ({ selfService }) => (selfService ? 'yourself' : 'whoever runs the server') },
        ],
        'None.',
      );
    },
  },
];
