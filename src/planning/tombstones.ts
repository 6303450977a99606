/** Rail 7 in words: what a person cut in the vault, and how it is given back. */

import type { MemberState } from '#model/organization.ts';
import type { Tombstone, TombstoneAct } from '#model/record.ts';
import { isEnd } from '#model/revocations.ts';
import { shellWord } from '#model/shell-word.ts';
import { commandsByPeople } from './given-back-by-people.ts';
import type { Finding, Source } from './plan-types.ts';
import { named } from './source-text.ts';

const SAID: Readonly<Record<TombstoneAct, (tombstone: Tombstone) => string>> = {
  Suspended: ({ key, actor }) => `${key} was suspended by ${actor}`,
  Removed: ({ key, actor }) => `${key} was removed by ${actor}`,
  Left: ({ key }) => `${key} left the organization`,
  Declined: ({ key }) => `${key} declined the invite`,
  RoleLowered: ({ key, actor }) => `${actor} took from ${key} the role of an admin`,
  TemplateTaken: ({ key, item, actor }) =>
    `the template${item === null ? '' : ` ${item}`} of ${key} was taken away by ${actor}`,
  ScopeNarrowed: ({ key, item, actor }) =>
    item === null
      ? `the project scope of ${key} was narrowed by ${actor}`
      : `${item} was taken out of the project scope of ${key} by ${actor}`,
  GrantRemoved: ({ key, item, actor }) => `the access of ${key} to ${item} was taken away by ${actor}`,
  EndShortened: ({ key, actor }) => `${actor} let the membership of ${key} end earlier`,
  CellRemoved: ({ key, item, actor }) => `the cell ${item} was taken out of ${key} by ${actor}`,
  MembershipRemoved: ({ key, item, actor }) => `${item} was taken off the group ${key} by ${actor}`,
  GroupDeleted: ({ key, actor }) => `the group ${key} was deleted by ${actor}`,
  ProjectDeleted: ({ key, actor }) => `the project ${key} was deleted by ${actor}`,
  SecretDeleted: ({ key, item, actor }) => `the secret ${item} of ${key} was deleted by ${actor}`,
  MachineDisabled: ({ key, actor }) => `${key} was disabled by ${actor}`,
  MachineKeyRevoked: ({ key, item, actor }) =>
    `the key ${item?.slice(0, 16)} of ${key} was revoked by ${actor}`,
  MachineRevoked: ({ key, actor }) => `${key} was revoked by ${actor}`,
};

/** `state`: of a member who is there, where it is about what they would have more. */
export function reinstateNeeded(
  subject: Finding['subject'],
  source: Source | null,
  tombstone: Tombstone,
  state: MemberState | null = null,
): Finding {
  const at = new Date(tombstone.at).toISOString();
  const said = SAID[tombstone.act](tombstone);
  // Whom a person invited again is there with what that person chose.
  const isInvitedAgain = state !== null && isEnd(tombstone, state);
  const agree = isInvitedAgain
    ? 'declare no more than that'
    : tombstone.act === 'Suspended'
      ? 'declare state: Suspended'
      : 'take it out of Git';
  const again = isInvitedAgain ? ', and was invited again with less than is declared' : '';
  const final = tombstone.final ? ', and that is final' : '';
  return {
    subject,
    source,
    reason: 'ReinstateNeeded',
    severity: 'Stalled',
    message: `In the vault ${said} at ${at} (entry ${tombstone.entry})${again}${final}.`,
    next: tombstone.final
      ? `To agree, ${agree}. People alone give it back, in the vault, by ${commandsByPeople(
          subject,
          tombstone,
          isInvitedAgain,
        )
          .map((command) => `\`${command}\``)
          .join(
            ' or ',
          )}; an admin or the owner lets Git answer it again: seneschal vault cut lift ${tombstone.entry}`
      : `${answerTo(tombstone, objectOf(subject, source))}; to agree, ${agree}.`,
  };
}

/** What Git names to give it back; of what was deleted it depends on whether the trash has it yet. */
function answerTo({ act, key, item, entry, trashed }: Tombstone, object: string): string {
  if (act === 'SecretDeleted') {
    const answer = `set reinstate: ${entry} on the entry of ${item} in spec.secrets of ${object}`;
    return trashed === undefined
      ? `It is in the trash no longer. For a new value ${answer}, with reinstateAs: NewValue and a generator; or a person sets one: seneschal vault secret set ${shellWord(item ?? '')} --project ${shellWord(key)}`
      : `To give it back with its value, ${answer}; with reinstateAs: NewValue it gets a new one by its generator`;
  }
  if (act === 'ProjectDeleted' && trashed === undefined)
    return `It is in the trash no longer. For a new project of that name set spec.reinstate: ${entry} on ${object}`;
  return `To give it back, set spec.reinstate: ${entry} on ${object}`;
}

function objectOf({ kind, key }: Finding['subject'], source: Source | null): string {
  return source === null || source.kind !== kind ? `a ${kind} object for ${key}` : named(source);
}
