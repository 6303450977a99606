/** What the owner does with the vault as a whole (O1 to O3, O5, I4). Each takes a proof from the last five minutes. */

import { OFFER_LIFE } from '#model/invites.ts';
import { spanText } from '#model/span-text.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { argument, done, type OwnerCommand, option } from '../person-command.ts';

interface Facts {
  readonly kind: string;
  readonly displayName: string;
  readonly owner: string;
  readonly confirmation: boolean;
  readonly plan: { readonly name: string; readonly until: number | null; readonly lapsed: boolean };
}

export const ORGANIZATION_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['organization', 'show'],
    description: 'what the vault is, whose, and on which tier',
    run: async (_, { ask, vaultId }) => {
      const facts = (await ask('GET', pathTo``)) as Facts;
      const { plan } = facts;
      const end = plan.until === null ? '' : ` ${plan.lapsed ? 'lapsed at' : 'until'} ${moment(plan.until)}`;
      const confirmed = facts.confirmation ? ' Who joins is confirmed by the owner.' : '';
      return {
        json: facts,
        text: `${vaultId} ${facts.displayName}: ${facts.kind}, owned by ${facts.owner}, on the tier ${plan.name}${end}.${confirmed}`,
      };
    },
  },
  {
    words: ['organization', 'convert'],
    example: 'Acme --tier Team',
    description: 'convert a personal vault to an organization, for good; everything in it stays (O1)',
    arguments: [{ name: '<name>', description: 'its displayed name' }],
    flags: [{ flags: '--tier <name>', description: 'default: the tier that it is on' }],
    confirm: () => 'The vault would be an organization, and never a personal vault again.',
    run: async (given, { ask }) => {
      const plan = option(given, 'tier');
      const displayName = argument(given, 0);
      const converted = (await ask('POST', pathTo`/conversion`, {
        displayName,
        ...(plan === undefined ? {} : { plan }),
      })) as { plan: string };
      return {
        json: converted,
        text: `The vault is the organization ${displayName} now, on the tier ${converted.plan}.`,
      };
    },
  },
  {
    words: ['organization', 'rename'],
    example: 'Acme',
    description: 'give it another displayed name (O2)',
    arguments: [{ name: '<name>', description: 'the new one' }],
    run: async (given, { ask }) => {
      await ask('PATCH', pathTo``, { displayName: argument(given, 0) });
      return done(`It is called ${argument(given, 0)} now.`);
    },
  },
  {
    words: ['organization', 'delete'],
    example: 'DELETE',
    description: 'delete it with all in it: projects, secrets, machines, the audit log (O2)',
    arguments: [{ name: '<word>', description: 'the typed word DELETE' }],
    confirm: async (_, { ask }) => {
      const { displayName } = (await ask('GET', pathTo``)) as Facts;
      return `${displayName} would be gone with all in it, and its machines would read nothing any more.`;
    },
    run: async (given, { ask }) => {
      if (argument(given, 0) !== 'DELETE') {
        throw new Failure('Usage', 'The typed word is not DELETE; nothing was deleted.', 'Type DELETE.');
      }
      const deleted = (await ask('DELETE', pathTo``, { confirm: argument(given, 0) })) as {
        displayName: string;
      };
      return { json: deleted, text: `${deleted.displayName} is deleted.` };
    },
  },
  {
    words: ['organization', 'offer-ownership'],
    example: 'alice@acme.example',
    description: `offer the ownership to an active member, for ${spanText(OFFER_LIFE)} (O3)`,
    arguments: [{ name: '<email>', description: 'who would own it' }],
    run: async (given, { ask }) => {
      const offer = (await ask('PUT', pathTo`/ownership-offer`, { email: argument(given, 0) })) as {
        to: string;
        expiresAt: number;
      };
      return {
        json: offer,
        text: `${offer.to} may accept the ownership until ${moment(offer.expiresAt)}. You become an admin then, and your automation identities end.`,
      };
    },
  },
  {
    words: ['organization', 'ownership-offer'],
    description: 'the open offer of ownership, for the owner and whom it is made to (O3)',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/ownership-offer`)) as {
        offer: { readonly to: string; readonly expiresAt: number } | null;
      };
      const { offer } = answer;
      const text =
        offer === null
          ? 'Nobody is offered the ownership.'
          : `${offer.to} is offered the ownership until ${moment(offer.expiresAt)}.`;
      return { json: answer, text };
    },
  },
  {
    words: ['organization', 'withdraw-ownership'],
    description: 'take the offer of ownership back',
    run: async (_, { ask }) => {
      await ask('DELETE', pathTo`/ownership-offer`);
      return done('Nobody is offered the ownership any more.');
    },
  },
  {
    words: ['organization', 'accept-ownership'],
    description: 'accept the ownership that you are offered (O3)',
    confirm: () => 'You would be the owner, and every automation identity of the former owner would end.',
    run: async (_, { ask }) => {
      const transfer = (await ask('POST', pathTo`/ownership-offer/accept`)) as {
        formerOwner: string;
        next: string;
      };
      return {
        json: transfer,
        text: `You are the owner; ${transfer.formerOwner} is an admin. ${transfer.next}`,
      };
    },
  },
  {
    words: ['organization', 'decline-ownership'],
    description: 'decline the ownership that you are offered',
    run: async (_, { ask }) => {
      await ask('POST', pathTo`/ownership-offer/decline`);
      return done('You declined the ownership.');
    },
  },
  {
    words: ['organization', 'rotate-keys'],
    description:
      'rotate the keys: every member but the owner accepts again, projects get other keys; machines read on (O5)',
    confirm: () => 'Every member but you would have no access until they accepted again.',
    run: async (_, { ask }) => {
      const asked = (await ask('POST', pathTo`/key-rotation`)) as { members: number; projects: number };
      return {
        json: asked,
        text: `${asked.members} members accept again before they have access; ${asked.projects} projects have other keys. Who knew a value knows it still: set new ones where that matters.`,
      };
    },
  },
  {
    words: ['organization', 'confirmation'],
    example: 'on',
    description: 'ask for confirmation of who joins or is un-suspended, or no longer (I4)',
    arguments: [{ name: '<required>', description: 'on or off' }],
    run: async (given, { ask }) => {
      const word = argument(given, 0);
      if (word !== 'on' && word !== 'off') {
        throw new Failure('Usage', `${word} is neither on nor off.`, 'Give on or off.');
      }
      const required = word === 'on';
      await ask('PUT', pathTo`/confirmation`, { required });
      return done(required ? 'Who joins is confirmed by the owner.' : 'Who accepts is in.');
    },
  },
];
