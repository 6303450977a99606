import { describe, expect, it } from 'vitest';
import type { TraceAnswer } from '#protocol/management.ts';
import { blastRadius, blastRadiusText, traceForBlast } from '#questions/blast-radius.ts';
import { HOUR, machineKey, NOW, OWNER, organization } from '#test/builders/organization.ts';

const BOB = 'bob@acme.example';
const SINCE = NOW - 24 * HOUR;

const state = organization()
  .project('web', ['other', 'token'])
  .member(BOB)
  .machine('ci', [{ project: 'web', secrets: ['token'] }], {
    keys: [machineKey('fp-1', { maker: BOB }), machineKey('fp-2')],
  })
  .machine('only', [], { keys: [machineKey('fp-3', { maker: BOB })] })
  .machine('theirs', [{ project: 'web', secrets: ['token', 'other'] }], { enabled: false })
  .build();

const read = { source: '10.0.0.1', by: 'Machine', times: 2, first: NOW - HOUR, last: NOW } as const;
const traced: TraceAnswer = {
  entries: [],
  reads: [
    { machine: 'mch_ci', secret: 'sec_web_token', ...read },
    { machine: 'mch_gone', secret: 'sec_web_token', ...read, source: null, by: 'Sync', times: 1 },
  ],
  lookedBackTo: { entries: null, reads: NOW - 2 * HOUR },
  keys: [
    {
      ...{ machine: 'ci', fingerprint: 'fp-1', createdAt: NOW - 48 * HOUR },
      ...{ lastUsedAt: NOW - HOUR, lastUsedFrom: '10.0.0.9' },
    },
  ],
};
const radius = (kind: 'person' | 'secret' | 'key', key: string) =>
  blastRadius(state, { kind, key }, { since: SINCE, now: NOW, traced });

describe('the blast radius', () => {
  it('of a person is asked for by the machines whose keys they may have, of a secret by itself', () => {
    expect(traceForBlast(state, { kind: 'person', key: BOB }, SINCE).reads).toEqual({
      machines: ['mch_ci', 'mch_only'],
      secrets: [],
      since: SINCE,
    });
    expect(traceForBlast(state, { kind: 'secret', key: 'web/token' }, SINCE).reads).toEqual({
      machines: [],
      secrets: ['sec_web_token'],
      since: SINCE,
    });
  });

  it('of a person names what their keys read, and the commands that end it: a last key ends with its machine', () => {
    const { machines, rotation, commands } = radius('person', BOB);
    expect(machines.map(({ machine, reads }) => [machine, reads])).toEqual([
      ['ci', ['web/token']],
      ['only', []],
    ]);
    expect(rotation.rotate).toEqual(['web/token']);
    expect(commands).toEqual([
      'seneschal vault member suspend bob@acme.example',
      'seneschal vault machine revoke-key ci fp-1',
      'seneschal vault machine disable only',
      'seneschal vault secret set token --project web',
    ]);
  });

  it('of a key says what its machine reads, when it was used from where, and what ends it', () => {
    expect(traceForBlast(state, { kind: 'key', key: 'fp-1' }, SINCE).reads).toMatchObject({
      machines: ['mch_ci'],
      secrets: [],
    });
    const told = blastRadiusText(radius('key', 'fp-1'));
    expect(told).toContain('Since 2025-12-30T00:00:00Z, last used 2025-12-31T23:00:00Z from 10.0.0.9.');
    expect(told).toContain('The machine, and what it reads now:\n  ci: web/token');
    expect(told).toContain('Read by the machine, by whichever key, since');
    expect(radius('key', 'fp-1').commands).toEqual([
      'seneschal vault machine revoke-key ci fp-1',
      'seneschal vault secret set token --project web',
    ]);
    expect(radius('key', 'fp-3').commands).toEqual(['seneschal vault machine disable only']);
  });

  it('of the owner has no suspension: nobody suspends the owner (O3)', () => {
    expect(radius('person', OWNER).commands.join()).not.toContain('suspend');
  });

  it('of a secret says who holds it, who read it from where, and how far the log was looked at', () => {
    expect(blastRadiusText(radius('secret', 'web/token'))).toBe(
      [
        'secret web/token',
        'Machines that hold the value:',
        '  ci',
        '  theirs (not enabled)',
        'Read since 2025-12-31T00:00:00Z (the log was looked at back to 2025-12-31T22:00:00Z):',
        '  web/token by ci, 2 times, last 2026-01-01T00:00:00Z, from 10.0.0.1',
        '  web/token by mch_gone (synced), once, last 2026-01-01T00:00:00Z, from an address that was not kept',
        'To rotate:',
        '  web/token',
        'In the vault:',
        '  seneschal vault secret set token --project web',
      ].join('\n'),
    );
  });
});
