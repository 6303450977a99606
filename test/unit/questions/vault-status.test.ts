import { describe, expect, it } from 'vitest';
import type { LeaseState } from '#model/organization.ts';
import { DAY, statusOf, statusText } from '#questions/vault-status.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';

const heldLease = (more: Partial<LeaseState>): LeaseState => ({
  manager: 'acme/acme',
  installation: 'one',
  holder: 'Operator',
  fencing: 1,
  since: NOW - DAY,
  expiresAt: NOW + HOUR,
  holdsFor: HOUR,
  isLent: false,
  ...more,
});
const BESIDE = { freeze: null, lease: null };

describe('the status of an organization', () => {
  it('tells of ends within 30 days in their order, and of none that has come or is far', () => {
    const state = organization()
      .project('web')
      .member('bob@acme.example', {
        expiresAt: NOW + 29 * DAY,
        grants: [{ project: 'web', access: 'Read', expiresAt: NOW + DAY }],
      })
      .member('past@acme.example', { expiresAt: NOW - HOUR })
      .member('far@acme.example', { expiresAt: NOW + 31 * DAY })
      .group('ops', ['far@acme.example'], [], [{ member: 'far@acme.example', expiresAt: NOW + 2 * DAY }])
      .build();
    expect(statusOf(state, BESIDE, [], NOW).ends.map(({ what }) => what)).toEqual([
      'the grant of bob@acme.example in web',
      'far@acme.example in the group ops',
      'the membership of bob@acme.example',
    ]);
  });

  it('tells of keys that nobody used for 90 days, and never of a new one', () => {
    const key = (machine: string, createdAt: number, lastUsedAt: number | null) => ({
      machine,
      fingerprint: `fp-${machine}`,
      createdAt,
      lastUsedAt,
      lastUsedFrom: null,
    });
    const old = NOW - 100 * DAY;
    const keys = [
      key('used', old, NOW - DAY),
      key('left', old, NOW - 90 * DAY),
      key('never', old, null),
      key('new', NOW - DAY, null),
    ];
    const { unused } = statusOf(organization().build(), BESIDE, keys, NOW);
    expect(unused.map(({ machine }) => machine)).toEqual(['left', 'never']);
  });

  it.each([
    [
      'ended',
      { expiresAt: NOW - HOUR, holdsFor: 0 },
      'had the lease of the vault until 2025-12-31T23:00:00Z and did not',
    ],
    [
      'is lent',
      { expiresAt: NOW - HOUR, holdsFor: 0, isLent: true },
      'made room for a command line and has the lease of the vault after it',
    ],
  ])('of a lease that %s says so, and never that it lasts until a time that is over', (_, more, text) => {
    const lease = heldLease(more);
    const status = statusOf(organization().build(), { freeze: null, lease }, [], NOW);
    expect(status.lease).toEqual(lease);
    expect(statusText(status)).toContain(text);
  });

  it('says all of it to people, and nothing of what there is not', () => {
    const state = organization()
      .seats(5)
      .member('bob@acme.example', { invited: { expiresAt: NOW + HOUR } })
      .tombstone('Member', 'dan@acme.example', 'Removed')
      .build();
    const freeze = { by: 'alice', reason: 'looking', at: NOW, all: false };
    const lease = heldLease({ since: NOW - HOUR });
    expect(statusText(statusOf(state, { freeze, lease }, [], NOW))).toBe(
      [
        'Acme, vault_0123456789abcdef at revision 1, owner owner@acme.example',
        'Business: 2 of 5 seats',
        'Frozen by alice at 2026-01-01T00:00:00Z: looking',
        'acme/acme, operator of installation one, has had the lease of the vault since 2025-12-31T23:00:00Z',
        'Invites:',
        '  bob@acme.example: open until 2026-01-01T01:00:00Z, sent once',
        'Cut by people:',
        '  Member dan@acme.example: Removed by carol at 2025-12-31T23:00:00Z; entry aud_Removed',
        'Declared by nobody:',
        '  Member: bob@acme.example',
      ].join('\n'),
    );
  });
});
