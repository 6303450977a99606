import { beforeEach, describe, expect, it } from 'vitest';
import { PassLog } from '#controllers/organization/pass-log.ts';
import type { Held } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { Logger } from '#runtime/runtime.ts';
import { invitation, memberObject, objects, outcome, removal, state } from './pass.ts';

const HELD: Held = {
  reason: 'LossBudget',
  rail: 1,
  steps: [removal('bob')],
  digest: 'd'.repeat(64),
  message: 'People removed: 3; seven days may lose 2.',
  next: 'Take it back.',
  byPlanApproval: true,
};
const refusal = (code: 'SeatsExhausted' | 'QuotaReached'): StepAnswer => ({
  status: 'Refused',
  code,
  message: 'No seat is free.',
  next: 'Free one.',
});

describe('the log of passes', () => {
  const all = objects({ members: [memberObject('alice')] });
  let lines: [string, object, string][];
  let log: PassLog;
  beforeEach(() => {
    lines = [];
    const logger: Logger = {
      debug: (fields, message) => lines.push(['debug', fields, message]),
      info: (fields, message) => lines.push(['info', fields, message]),
      warn: (fields, message) => lines.push(['warn', fields, message]),
      error: (fields, message) => lines.push(['error', fields, message]),
      child: () => logger,
    };
    log = new PassLog(logger, 'acme/acme');
  });
  const passed = (plan: Parameters<typeof outcome>[1], answer?: StepAnswer) =>
    log.passed(
      all,
      outcome(
        state(),
        plan,
        answer === undefined ? {} : { answers: new Map([['hash-of-inviting-alice', answer]]) },
      ),
    );

  it('has a line for each executed step, with the object that declares it', () => {
    const executed = log.executed(all);
    executed(invitation('alice').action);
    executed(removal('bob').action);
    expect(lines).toEqual([
      ['info', { step: 'InviteMember', key: 'alice@acme.example', object: 'Member acme/alice' }, 'executed'],
      ['info', { step: 'RemoveMember', key: 'bob@acme.example' }, 'executed'],
    ]);
  });

  it('has a line for a refusal once, and one more where the reason is another', () => {
    const steps = [invitation('alice')];
    passed({ steps }, refusal('SeatsExhausted'));
    passed({ steps }, refusal('SeatsExhausted'));
    passed({ steps }, refusal('QuotaReached'));
    expect(lines.map(([level, fields]) => [level, (fields as { reason: string }).reason])).toEqual([
      ['warn', 'SeatsExhausted'],
      ['warn', 'QuotaReached'],
    ]);
    expect(lines[0]).toEqual([
      'warn',
      {
        step: 'InviteMember',
        key: 'alice@acme.example',
        object: 'Member acme/alice',
        reason: 'SeatsExhausted',
      },
      'No seat is free.',
    ]);
  });

  it('has a line where a hold begins and where it ends, and none while it stays', () => {
    passed({ steps: HELD.steps, held: [HELD] });
    passed({ steps: HELD.steps, held: [HELD] });
    passed({});
    passed({});
    expect(lines).toEqual([
      ['warn', { reason: 'LossBudget', rail: 1, steps: 1, digest: HELD.digest }, `held: ${HELD.message}`],
      ['info', { reason: 'LossBudget', rail: 1 }, 'no longer held'],
    ]);
  });

  it('has none for a pass that changes nothing', () => {
    passed({});
    expect(lines).toEqual([]);
  });
});
