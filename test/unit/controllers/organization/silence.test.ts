import { describe, expect, it } from 'vitest';
import {
  asked,
  failed,
  heard,
  hearingOf,
  isStale,
  newContact,
  silenceOf,
  type VaultContact,
} from '#controllers/organization/silence.ts';
import { silentStatusOf } from '#controllers/organization/statuses/silent.ts';
import { NOW, ORGANIZATION, said } from './pass.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const POLL = 30 * SECOND;
const polled = (now: number) => asked(heard(now), now, POLL);

describe('a vault', () => {
  it.each<[string, VaultContact]>([
    ['that is gone', failed(polled(NOW))],
    ['that never answered since the operator began to ask', newContact(NOW)],
    ['that hangs', polled(NOW)],
    ['that hangs again and again', asked(failed(polled(NOW)), NOW + 46 * SECOND, POLL)],
  ])(
    '%s is Unknown after 30 s, Unreachable after 2 min, and what it told is stale after 15',
    (_what, contact) => {
      expect(hearingOf(contact, NOW + 29 * SECOND)).toBe('Heard');
      // An answer that is waited for may come up to five seconds late.
      expect(hearingOf(contact, NOW + 35 * SECOND)).toBe('Unknown');
      expect(hearingOf(contact, NOW + 50 * SECOND)).toBe('Unknown');
      expect(hearingOf(contact, NOW + 2 * MINUTE)).toBe('Unreachable');
      expect(isStale(contact, NOW + 15 * MINUTE - 1)).toBe(false);
      expect(isStale(contact, NOW + 15 * MINUTE)).toBe(true);
    },
  );

  it('that holds a poll back as it may is heard', () => {
    expect(silenceOf(polled(NOW), NOW + 31 * SECOND)).toBe(0);
  });

  it('that answers is heard from then on, however long it was away', () => {
    expect(hearingOf(heard(NOW + 60 * MINUTE), NOW + 60 * MINUTE + SECOND)).toBe('Heard');
  });
});

describe('the Organization of a vault that is not heard', () => {
  const status = (conditions: readonly object[] = [], after = 2 * MINUTE) =>
    silentStatusOf(
      { ...ORGANIZATION, status: { conditions, counts: { members: 3 } } },
      failed(heard(NOW)),
      NOW + after,
    );

  it('says Unknown first and keeps Ready, then Unreachable with Ready=False; each with the time of the last answer', () => {
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Succeeded',
      message: '',
      lastTransitionTime: 'x',
    };
    const unknown = status([ready], 30 * SECOND);
    expect(said(unknown?.conditions ?? [])).toEqual([
      'Connected=Unknown/Unreachable',
      'Ready=True/Succeeded',
    ]);
    const away = status([ready]);
    expect(said(away?.conditions ?? [])).toEqual([
      'Connected=False/Unreachable',
      'Ready=False/Unreachable',
      'Reconciling=True/Unreachable',
    ]);
    for (const one of [unknown, away]) {
      const message = one?.conditions.find(({ type }) => type === 'Connected')?.message;
      expect(message).toContain('answered last at 2026-01-02T03:04:05Z');
    }
    expect(away).toMatchObject({ counts: { members: 3 } });
  });

  it('says the same for as long as it lasts', () => {
    const first = status();
    const object = { ...ORGANIZATION, status: first };
    expect(silentStatusOf(object, failed(heard(NOW)), NOW + 60 * MINUTE)).toEqual(first);
  });

  it('goes not from Unreachable back to Unknown', () => {
    const object = { ...ORGANIZATION, status: status() };
    expect(silentStatusOf(object, failed(heard(NOW)), NOW + 40 * SECOND)).toBeNull();
  });

  it('keeps what was said of the connection at once, as that the credentials ended', () => {
    const refused = {
      type: 'Connected',
      status: 'False',
      reason: 'Unauthorized',
      message: '',
      lastTransitionTime: 'x',
    };
    expect(status([refused])).toBeNull();
  });
});
