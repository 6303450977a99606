import { describe, expect, it } from 'vitest';
import type { OrganizationState } from '#model/organization.ts';
import type { TraceAnswer, TracedEntry } from '#protocol/management.ts';
import { explain, traceFor } from '#questions/explain.ts';
import { explanationText } from '#questions/explain-text.ts';
import { type Facts, factsOf } from '#questions/facts.ts';
import type { ExplainedKind, Thing } from '#questions/thing.ts';
import { thingsCalled } from '#questions/thing.ts';
import { whoCan } from '#questions/who-can.ts';
import { HOUR, machineKey, NOW, organization } from '#test/builders/organization.ts';

const BOB = 'bob@acme.example';

function entry(
  sequence: number,
  action: string,
  subject: string,
  fields: Partial<TracedEntry> = {},
): TracedEntry {
  const at = subject.indexOf(' ');
  return {
    id: `aud_${sequence}`,
    sequence,
    at: NOW - 100 * HOUR + sequence * HOUR,
    actor: { type: 'member', id: 'mem_1', name: 'carol' },
    action,
    subject: { kind: subject.slice(0, at), key: subject.slice(at + 1) },
    details: {},
    provenance: {},
    ...fields,
  };
}

/** Newest first, as the vault answers. */
function traced(...entries: TracedEntry[]): TraceAnswer {
  const newestFirst = entries.toSorted((a, b) => b.sequence - a.sequence);
  return { entries: newestFirst, reads: [], lookedBackTo: { entries: null, reads: null }, keys: [] };
}

function explained(state: OrganizationState, thing: Thing<ExplainedKind>, answer: TraceAnswer) {
  const facts = factsOf(state, thing, NOW);
  return facts === undefined ? undefined : explain(facts, answer);
}

function pathsOf(state: OrganizationState, answer: TraceAnswer) {
  const explanation = explained(state, { kind: 'person', key: BOB }, answer);
  if (explanation?.kind !== 'person') throw new Error('no person');
  return explanation.cells.flatMap(({ cell, paths }) =>
    paths.map(({ since, ...path }) => [cell, path.via, since?.entry ?? null, since?.approver ?? null]),
  );
}

describe('since when a person has a cell', () => {
  const web = organization().project('web');

  it('is the entry that gave the grant, however often the access was set with it since', () => {
    const grants = [{ project: 'web', access: 'Read' }];
    const state = web.member(BOB, { grants: [{ project: 'web', access: 'Read' }] }).build();
    const answer = traced(
      entry(1, 'member.invited', `Member ${BOB}`, { details: { access: { role: 'Member', grants: [] } } }),
      entry(2, 'member.access-set', `Member ${BOB}`, {
        actor: { type: 'automation', id: 'aut_1', name: 'flux' },
        details: { after: { role: 'Member', grants }, approval: { by: 'alice' } },
        provenance: { commit: 'abc', author: 'Carol' },
      }),
      entry(3, 'member.access-set', `Member ${BOB}`, {
        details: { after: { role: 'Member', template: 'x', grants } },
      }),
    );
    expect(pathsOf(state, answer)).toContainEqual(['Secrets: View', 'grant', 'aud_2', 'alice']);
    expect(pathsOf(state, answer)).toContainEqual(['Audit log: View', 'role', 'aud_1', null]);
    const explanation = explained(state, { kind: 'person', key: BOB }, answer);
    expect(explanation === undefined ? '' : explanationText(explanation)).toContain(
      'by a grant of Read in web, since 2025-12-27T22:00:00Z by automation flux, commit abc, author Carol, approved by alice (aud_2)',
    );
  });

  it('begins anew where it was taken away in between, and where the person was gone', () => {
    const grants = [{ project: 'web', access: 'Read' }];
    const state = web.member(BOB, { grants: [{ project: 'web', access: 'Read' }] }).build();
    const given = { access: { role: 'Member', grants } };
    expect(
      pathsOf(
        state,
        traced(
          entry(1, 'member.invited', `Member ${BOB}`, { details: given }),
          entry(2, 'member.grant-removed', `Member ${BOB}`, { details: { project: 'web' } }),
          entry(3, 'member.grant-set', `Member ${BOB}`, { details: { project: 'web', access: 'Read' } }),
        ),
      ),
    ).toContainEqual(['Secrets: View', 'grant', 'aud_3', null]);
    expect(
      pathsOf(
        state,
        traced(
          entry(1, 'member.invited', `Member ${BOB}`, { details: given }),
          entry(2, 'member.removed', `Member ${BOB}`),
          entry(3, 'member.invited', `Member ${BOB}`, { details: given }),
        ),
      ),
    ).toContainEqual(['Audit log: View', 'role', 'aud_3', null]);
  });

  it('is the later of being listed and of what the group gives', () => {
    const state = web
      .member(BOB)
      .group('ops', [BOB], [{ project: 'web', access: 'Write' }])
      .build();
    const answer = traced(
      entry(1, 'group.created', 'Group ops', { details: { members: [BOB], grants: [] } }),
      entry(2, 'group.grant-set', 'Group ops', { details: { project: 'web', access: 'Write' } }),
    );
    expect(pathsOf(state, answer)).toContainEqual(['Secrets: Manage', 'group', 'aud_2', null]);
  });

  it('is not told where the log does not', () => {
    const state = web.member(BOB, { grants: [{ project: 'web', access: 'Read' }] }).build();
    expect(pathsOf(state, traced())).toContainEqual(['Secrets: View', 'grant', null, null]);
  });
});

describe('an explanation', () => {
  const state = organization()
    .project('web', ['token'])
    .member(BOB, { grants: [{ project: 'web', access: 'Write', expiresAt: NOW + HOUR }] })
    .member('carol@acme.example', { state: 'Suspended', role: 'Admin' })
    .group('ops', [BOB], [{ project: 'web', access: 'Read' }])
    .machine('ci', [{ project: 'web', secrets: ['token'] }], { keys: [machineKey('fp', { maker: BOB })] })
    .record('MachineBinding', 'ci', { access: [] }, { provenance: { commit: 'abc' } })
    .tombstone('Member', BOB, 'RoleLowered')
    .build();
  const read = { machine: 'mch_ci', secret: 'sec_web_token', source: '10.0.0.1', by: 'Machine' } as const;
  const answer: TraceAnswer = {
    ...traced(
      entry(1, 'machine.access-set', 'MachineBinding ci', {
        details: { after: [{ project: 'web', secrets: ['token'] }] },
      }),
    ),
    reads: [{ ...read, times: 2, first: NOW - HOUR, last: NOW }],
    keys: [
      { machine: 'ci', fingerprint: 'fp', createdAt: NOW - 9 * HOUR, lastUsedAt: NOW, lastUsedFrom: null },
    ],
  };
  const textOf = (thing: Thing<ExplainedKind>): string => {
    const explanation = explained(state, thing, answer);
    return explanation === undefined ? 'nothing' : explanationText(explanation);
  };

  it('of a secret names who reads the value, from where and when last, and who may set it', () => {
    expect(textOf({ kind: 'secret', key: 'web/token' })).toBe(
      [
        'secret web/token: version 1',
        '  project declared by nobody',
        'Machines that read the value:',
        '  ci, since 2025-12-27T21:00:00Z by member carol (aud_1); last read 2026-01-01T00:00:00Z, 2 times, from 10.0.0.1',
        '    declared by acme/acme in acme, commit abc',
        'People, who see and set it and never read it:',
        '  bob@acme.example',
        '    Secrets: View in web',
        '      by a grant of Write in web until 2026-01-01T01:00:00Z',
        '      by Read in web of the group ops',
        '    Secrets: Manage in web',
        '      by a grant of Write in web until 2026-01-01T01:00:00Z',
        '  owner@acme.example',
        '    Secrets: View in all projects',
        '      by the role Owner',
        '    Secrets: Manage in all projects',
        '      by the role Owner',
      ].join('\n'),
    );
  });

  it('of a machine names its keys with their maker and last use', () => {
    const told = textOf({ kind: 'machine', key: 'ci' });
    expect(told).toContain(
      '  fp by bob@acme.example, since 2025-12-31T15:00:00Z, last used 2026-01-01T00:00:00Z',
    );
    expect(told).toContain('    token, since 2025-12-27T21:00:00Z by member carol (aud_1); last read');
  });

  it('of a person names keys that they may have, groups, and what was cut', () => {
    const told = textOf({ kind: 'person', key: BOB });
    expect(told).toContain('  groups ops\n');
    expect(told).toContain('May have the private half of:\n  ci fp');
    expect(told).toContain('RoleLowered by carol');
    expect(textOf({ kind: 'person', key: 'carol@acme.example' })).toContain(
      'of metadata and never of values: nothing.',
    );
  });

  it('of a project and of a group names people, machines and what is given', () => {
    expect(textOf({ kind: 'project', key: 'web' })).toContain('Machines:\n  ci: token, since');
    expect(textOf({ kind: 'group', key: 'ops' })).toContain(
      'Members:\n  bob@acme.example: Active\nGives:\n  Read in web',
    );
  });

  it('asks the vault for nothing but what it is about', () => {
    expect(traceFor(factsOf(state, { kind: 'secret', key: 'web/token' }, NOW) as Facts, 7)).toEqual({
      subjects: [
        { kind: 'Secret', key: 'web/token' },
        { kind: 'MachineBinding', key: 'ci' },
        { kind: 'Member', key: BOB },
        { kind: 'Group', key: 'ops' },
        { kind: 'Member', key: 'owner@acme.example' },
      ],
      reads: { secrets: ['sec_web_token'], machines: [], since: 7 },
    });
  });

  it('is of whatever is called so, and says of which kind where that is more than one thing', () => {
    const twice = organization().project('web', ['web']).machine('web').build();
    expect(thingsCalled(twice, 'web').map(({ kind }) => kind)).toEqual(['machine', 'secret', 'project']);
    expect(thingsCalled(twice, 'project:web')).toEqual([{ kind: 'project', key: 'web' }]);
    expect(thingsCalled(state, 'BOB@acme.example')).toEqual([{ kind: 'person', key: BOB }]);
  });
});

describe('who can', () => {
  const state = organization()
    .project('web', ['token'])
    .project('shop')
    .member(BOB, { grants: [{ project: 'web', access: 'Read' }] })
    .machine('ci', [{ project: 'web', secrets: ['token'] }])
    .machine('off', [{ project: 'web', secrets: ['token'] }], { enabled: false })
    .build();
  const who = (cell: Parameters<typeof whoCan>[1], project?: string) => {
    const { people, machines } = whoCan(state, cell, project, NOW);
    return [people.map(({ email }) => email), machines?.map(({ machine }) => machine)];
  };

  it('see a secret are people with the cell there, and machines that read one', () => {
    expect(who('Secrets: View', 'web')).toEqual([[BOB, 'owner@acme.example'], ['ci']]);
    expect(who('Secrets: View', 'shop')).toEqual([['owner@acme.example'], []]);
  });

  it('do anything else are people alone', () => {
    expect(who('Machines: Manage')).toEqual([['owner@acme.example'], []]);
  });
});
