import { expect, test } from 'vitest';
import {
  keyRules,
  mountedSince,
  rotationAt,
  rotationDue,
} from '#controllers/machinebinding/key/key-rotation.ts';
import { keyStanding } from '#controllers/machinebinding/key/key-standing.ts';
import {
  type AcceptedKey,
  KEY_TIMES,
  type KeysAround,
  otherKeys,
} from '#controllers/machinebinding/key/other-keys.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-06-01T00:00:00Z');

const key = (fingerprint: string, some: Partial<AcceptedKey> = {}): AcceptedKey => ({
  fingerprint,
  addedAt: NOW - 30 * DAY,
  installation: 'this',
  use: { lastUsedAt: null, lastUsedFrom: null },
  ...some,
});
const used = (at: number) => ({ use: { lastUsedAt: at, lastUsedFrom: '10.0.0.7' } });
const around = (some: Partial<KeysAround>): KeysAround => ({
  accepted: [],
  held: new Set(['mounted']),
  mounted: { fingerprint: 'mounted', since: NOW - DAY, epoch: null, before: 'old' },
  rules: keyRules({ secretName: 'api-key' }),
  ...{ installation: 'this', times: KEY_TIMES, now: NOW },
  ...some,
});
const ends = (some: Partial<KeysAround>) => otherKeys(around(some)).keys.map(({ end }) => end);
const told = (some: Partial<KeysAround>) => otherKeys(around(some)).keys.map((other) => other.told);

test('an old key ends once it is idle for the overlap, and not before the overlap since the switch is over', () => {
  const accepted = [key('mounted'), key('old')];
  expect(ends({ accepted })).toEqual([{ fingerprint: 'old', idleFor: 86_400, because: 'Rotated' }]);
  expect(ends({ accepted, now: NOW - 1 })).toEqual([null]);
  const inUse = [key('mounted'), key('old', used(NOW - HOUR))];
  expect(ends({ accepted: inUse })).toEqual([null]);
  expect(otherKeys(around({ accepted: inUse })).wakeAt).toBe(NOW + 23 * HOUR);
});

test('an old key in use ends by maxOverlap alone', () => {
  const accepted = [key('mounted'), key('old', used(NOW))];
  const rules = keyRules({ secretName: 'api-key', maxOverlap: '36h' });
  expect(ends({ accepted, rules })).toEqual([null]);
  expect(ends({ accepted, rules, now: NOW + 12 * HOUR })).toEqual([
    { fingerprint: 'old', idleFor: 0, because: 'Rotated' },
  ]);
  expect(ends({ accepted, now: NOW + 12 * HOUR })).toEqual([null]);
});

test('an old key that is used seven days after the switch is told of, and not before', () => {
  const accepted = [key('mounted'), key('old', used(NOW + 6 * DAY))];
  expect(told({ accepted, now: NOW + 6 * DAY - 1 })).toEqual([null]);
  expect(told({ accepted, now: NOW + 6 * DAY })).toEqual(['OldKeyInUse']);
});

test('an old key that is idle and not gone after its time is told of as one that nobody holds', () => {
  const accepted = [key('mounted'), key('old')];
  expect(told({ accepted })).toEqual([null]);
  expect(told({ accepted, now: NOW + KEY_TIMES.grace })).toEqual(['UnheldKey']);
});

test('a lost half goes once it is idle for the overlap, and is told of from the first moment on', () => {
  const lost = key('lost', used(NOW - 23 * HOUR));
  expect(ends({ accepted: [key('mounted'), lost] })).toEqual([null]);
  expect(told({ accepted: [key('mounted'), lost] })).toEqual(['UnheldKey']);
  expect(ends({ accepted: [key('mounted'), lost], now: NOW + HOUR })).toEqual([
    { fingerprint: 'lost', idleFor: 86_400, because: 'Lost' },
  ]);
});

test('of two lost halves the one that is idle longer goes after ten minutes, the other one after the overlap', () => {
  const accepted = [key('a', used(NOW - 5 * 60_000)), key('b', used(NOW - 10 * 60_000))];
  expect(ends({ accepted, mounted: null, held: new Set() })).toEqual([
    null,
    { fingerprint: 'b', idleFor: 600, because: 'Lost' },
  ]);
});

test('where a slot is taken by a key of others, a lost half is given its whole overlap', () => {
  const accepted = [key('a', used(NOW - HOUR)), key('b', { installation: null })];
  expect(ends({ accepted, mounted: null, held: new Set() })).toEqual([null, null]);
});

test.each([
  ['a person, a token or an unknown one', null],
  ['another installation', 'other'],
])('a key that %s brought is never ended, and told of with the command', (_, installation) => {
  const accepted = [key('mounted'), key('theirs', { installation, ...used(NOW - 300 * DAY) })];
  expect(ends({ accepted })).toEqual([null]);
  const others = otherKeys(around({ accepted }));
  const rules = keyRules({ secretName: 'api-key' });
  const { UnheldKey } = keyStanding({ machineName: "the api's", others, blocked: null, rules });
  expect(UnheldKey).toContain('from 10.0.0.7');
  expect(UnheldKey).toContain("seneschal vault machine revoke-key 'the api'\\''s' theirs");
});

test('what is named as compromised ends at once whoever brought it, but never while a Secret holds it', () => {
  const rules = keyRules({ secretName: 'api-key', compromised: ['theirs', 'mounted'] });
  const accepted = [key('mounted'), key('theirs', { installation: null, ...used(NOW) })];
  expect(ends({ accepted, rules })).toEqual([{ fingerprint: 'theirs', idleFor: 0, because: 'Compromised' }]);
});

test('a key whose use is not known counts as unused since it came; the vault looks again', () => {
  const accepted = [key('mounted'), key('lost', { use: null, addedAt: NOW - 2 * DAY })];
  expect(ends({ accepted })).toEqual([{ fingerprint: 'lost', idleFor: 86_400, because: 'Lost' }]);
});

test('a clock that goes back ends nothing early', () => {
  const accepted = [key('mounted'), key('old')];
  expect(ends({ accepted, now: NOW - 10 * DAY })).toEqual([null]);
});

test('a rotation is due by time, by another epoch, and for a compromised key', () => {
  const mounted = { fingerprint: 'mounted', since: NOW, epoch: '1', before: null };
  const rules = keyRules({ secretName: 'k', rotateEvery: '48h', epoch: 1 });
  expect(rotationDue(mounted, rules, NOW + 2 * DAY - 1)).toBeNull();
  expect(rotationDue(mounted, rules, NOW + 2 * DAY)).toBe('Schedule');
  expect(rotationAt(mounted, rules)).toBe(NOW + 2 * DAY);
  expect(rotationDue(mounted, { ...rules, epoch: '2' }, NOW)).toBe('Epoch');
  expect(rotationDue(mounted, { ...rules, epoch: null }, NOW)).toBeNull();
  expect(rotationDue({ ...mounted, epoch: null }, rules, NOW)).toBe('Epoch');
  expect(rotationDue(mounted, { ...rules, compromised: ['mounted'] }, NOW)).toBe('Compromised');
});

test('a key is mounted since its Secret says so, or since the vault has it where the Secret says nothing or a time to come', () => {
  expect(mountedSince(NOW - 1, NOW - 9, NOW)).toBe(NOW - 1);
  expect(mountedSince(NOW + 1, NOW - 9, NOW)).toBe(NOW - 9);
  expect(mountedSince(null, NOW - 9, NOW)).toBe(NOW - 9);
  expect(mountedSince(null, undefined, NOW)).toBeNull();
});
