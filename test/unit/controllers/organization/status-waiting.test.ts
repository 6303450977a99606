import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  desired,
  desiredMember,
  member,
  memberObject,
  NOW,
  objects,
  outcome,
  patchOf,
  removal,
  said,
  source,
  state,
} from './pass.ts';

describe('statuses while something is waited for', () => {
  it('is Ready while an invite is open: Ready never waits for a person', () => {
    const invite = { id: 'i', since: NOW - 1000, sentAt: NOW - 1000, expiresAt: NOW + 1000, attempts: 1 };
    const patches = statusesOf(
      objects({ members: [memberObject('alice')] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice', { state: 'Invited', invite })] })),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toEqual([
      'Joined=False/InvitePending',
      'Ready=True/Succeeded',
      'SuspensionMatches=True/Succeeded',
      'TemplateBound=True/NoTemplate',
    ]);
    expect(patchOf(patches, 'Member').status).toMatchObject({ invite: { state: 'Pending', attempts: 1 } });
  });

  it('is Reconciling while losses wait for quiet, and never Stalled beside it (rail 1)', () => {
    const patches = statusesOf(
      objects(),
      desired(),
      outcome(state({ members: [member('bob')] }), {
        steps: [removal('bob')],
        pending: [{ class: 'people', steps: [removal('bob')], dueAt: NOW + 30_000 }],
      }),
      NOW,
    );
    const conditions = said(patchOf(patches, 'Organization').status.conditions);
    expect(conditions).toContain('Reconciling=True/Settling');
    expect(conditions.some((condition) => condition.startsWith('Stalled'))).toBe(false);
  });

  it('waits for what will come, and says so on the object of the finding', () => {
    const patches = statusesOf(
      objects({ members: [memberObject('alice', { templateRef: { name: 'developers' } })] }),
      desired({
        incomplete: [{ kind: 'Member', key: 'alice@acme.example', source: source('Member', 'alice') }],
      }),
      outcome(state(), {
        findings: [
          {
            subject: { kind: 'Member', key: 'alice@acme.example' },
            source: source('Member', 'alice'),
            reason: 'TemplateNotFound',
            severity: 'Waiting',
            message: 'There is no PermissionTemplate "developers".',
            next: 'Create it.',
          },
        ],
      }),
      NOW,
    );
    expect(said(patchOf(patches, 'Member').status.conditions)).toEqual([
      'Joined=False/TemplateNotFound',
      'Ready=False/TemplateNotFound',
      'Reconciling=True/TemplateNotFound',
      'SuspensionMatches=False/TemplateNotFound',
      'TemplateBound=False/TemplateNotFound',
    ]);
  });
});
