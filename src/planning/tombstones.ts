/** Rail 7: access that a person cut in the vault is not given back until `spec.reinstate` names the entry. */
import type { Tombstone, TombstoneAct } from '../model/record.ts';
import { named } from './claims.ts';
import type { Finding, Source } from './types.ts';

/** The newest act that cut the whole of a person or a machine; later ones are what has to be answered. */
export function newestWhole(
  tombstones: readonly Tombstone[],
  acts: readonly TombstoneAct[],
): Tombstone | undefined {
  let newest: Tombstone | undefined;
  for (const tombstone of tombstones) {
    if (tombstone.item !== null || !acts.includes(tombstone.act)) continue;
    if (newest === undefined || isNewer(tombstone, newest)) newest = tombstone;
  }
  return newest;
}

/** The newest act that cut one item. */
export function newestOf(tombstones: readonly Tombstone[], items: readonly string[]): Tombstone | undefined {
  let newest: Tombstone | undefined;
  for (const tombstone of tombstones) {
    if (tombstone.item === null || !items.includes(tombstone.item)) continue;
    if (newest === undefined || isNewer(tombstone, newest)) newest = tombstone;
  }
  return newest;
}

/** Of two acts in one moment, the same one however they are listed. */
function isNewer(one: Tombstone, other: Tombstone): boolean {
  return one.at === other.at ? one.entry > other.entry : one.at > other.at;
}

const SAID: Readonly<Record<TombstoneAct, (tombstone: Tombstone) => string>> = {
  Suspended: ({ key, actor }) => `${key} was suspended by ${actor}`,
  Removed: ({ key, actor }) => `${key} was removed by ${actor}`,
  Left: ({ key }) => `${key} left the organization`,
  Declined: ({ key }) => `${key} declined the invite`,
  RoleLowered: ({ key, actor }) => `${actor} took from ${key} the role of an admin`,
  TemplateTaken: ({ key, actor }) => `the template of ${key} was taken away by ${actor}`,
  ScopeNarrowed: ({ key, actor }) => `the project scope of ${key} was narrowed by ${actor}`,
  GrantRemoved: ({ key, item, actor }) => `the access of ${key} to ${item} was taken away by ${actor}`,
  CellRemoved: ({ key, item, actor }) => `the cell ${item} was taken out of ${key} by ${actor}`,
  MachineDisabled: ({ key, actor }) => `${key} was disabled by ${actor}`,
  MachineRevoked: ({ key, actor }) => `${key} was revoked by ${actor}`,
};

export function reinstateNeeded(
  subject: Finding['subject'],
  source: Source | null,
  tombstone: Tombstone,
): Finding {
  const at = new Date(tombstone.at).toISOString();
  const said = SAID[tombstone.act](tombstone);
  const agree = tombstone.act === 'Suspended' ? 'declare state: Suspended' : 'take it out of Git';
  const where =
    source === null || source.kind === 'Project' || source.kind === 'Organization'
      ? `a ${subject.kind} object for ${subject.key}`
      : named(source);
  return {
    subject,
    source,
    reason: 'ReinstateNeeded',
    severity: 'Stalled',
    message: `In the vault ${said} at ${at} (entry ${tombstone.entry}).`,
    next: `To give it back, set spec.reinstate: ${tombstone.entry} on ${where}; to agree, ${agree}.`,
  };
}
