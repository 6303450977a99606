/** What is told of the keys of a machine beside the mounted one: three conditions, in words. Pure. */
import { USED_STILL_AFTER } from '#model/key-ends.ts';
import { shellWord } from '#model/shell-word.ts';
import { spanText } from '#model/span-text.ts';
import type { KeyRules, RotationCause } from './key-rotation.ts';
import type { OtherKey, OtherKeys } from './other-keys.ts';

export const KEY_CONDITIONS = ['RotationBlocked', 'OldKeyInUse', 'UnheldKey'] as const;
export type KeyCondition = (typeof KEY_CONDITIONS)[number];

/** The message of each condition that is true. */
export type KeyStanding = Readonly<Partial<Record<KeyCondition, string>>>;

/** Why another key would have to follow; null: the cluster lost the ones there were. */
interface Blocked {
  readonly cause: RotationCause | null;
}

const CAUSES: Readonly<Record<RotationCause, string>> = {
  Compromised: 'the mounted key is named in spec.key.compromised',
  Epoch: 'spec.key.epoch was changed',
  Schedule: 'spec.key.rotateEvery is over',
};

export function keyStanding({
  machineName,
  others: { keys },
  blocked,
  rules,
}: {
  readonly machineName: string;
  readonly others: OtherKeys;
  readonly blocked: Blocked | null;
  readonly rules: KeyRules;
}): KeyStanding {
  const about = (told: OtherKey['told'], next: (key: OtherKey) => string) =>
    keys
      .filter((key) => key.told === told)
      .map((key) => `${described(key)}. ${next(key)}`)
      .join(' ');
  const command = (key: OtherKey) =>
    `seneschal vault machine revoke-key ${shellWord(machineName)} ${key.fingerprint}`;
  const inUse = about(
    'OldKeyInUse',
    (key) =>
      `Another key took its place ${spanText(USED_STILL_AFTER)} ago or earlier: restart the pods that started before. It goes once nothing has used it for ${spanOf(rules.overlap)}; spec.key.maxOverlap ends it whatever uses it, as does: ${command(key)}`,
  );
  const unheld = about('UnheldKey', (key) => `${unheldNext(key)}: ${command(key)}`);
  return {
    ...(blocked === null ? {} : { RotationBlocked: blockedText(blocked, keys) }),
    ...(inUse === '' ? {} : { OldKeyInUse: inUse }),
    ...(unheld === '' ? {} : { UnheldKey: unheld }),
  };
}

function blockedText({ cause }: Blocked, keys: readonly OtherKey[]): string {
  const why = cause === null ? 'the cluster holds a key that the vault does not have yet' : CAUSES[cause];
  const first = [...keys].sort((a, b) => (a.endsAt ?? Infinity) - (b.endsAt ?? Infinity))[0];
  const next =
    first?.endsAt === null || first === undefined
      ? 'It goes on once one of them is revoked'
      : `It goes on by itself once key ${first.fingerprint} is gone, at ${timeOf(first.endsAt)} where nothing uses it meanwhile`;
  return `Another key is to follow, because ${why}, and both slots of the machine are taken: a machine never has a third key. ${next}.`;
}

function unheldNext({ is, endsAt }: OtherKey): string {
  switch (is) {
    case 'Compromised':
      return 'It is named in spec.key.compromised, and revoked with the next pass. By hand';
    case 'Others':
      return 'Another installation, a person or a token brought it, so it stays until somebody who knows it ends it';
    case 'Lost':
    case 'Old':
      return `It goes by itself where nothing uses it until ${timeOf(endsAt ?? 0)}; at once by`;
  }
}

function described({ fingerprint, is, addedAt, use }: OtherKey): string {
  const what = is === 'Old' ? 'The key before,' : 'Key';
  const where = is === 'Old' ? 'is still valid' : 'is valid, and no Secret holds it';
  return `${what} ${fingerprint}${is === 'Old' ? ',' : ''} ${where}; ${usedText(addedAt, use)}`;
}

function usedText(addedAt: number, use: OtherKey['use']): string {
  if (use === null) return `it came at ${timeOf(addedAt)}, and its last use is not known`;
  if (use.lastUsedAt === null) return `never used since it came at ${timeOf(addedAt)}`;
  const from = use.lastUsedFrom === null ? '' : ` from ${use.lastUsedFrom}`;
  return `last used at ${timeOf(use.lastUsedAt)}${from}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function spanOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
