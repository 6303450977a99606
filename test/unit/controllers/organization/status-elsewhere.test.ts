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
  said,
  source,
  state,
} from './pass.ts';

describe('statuses of objects of another namespace that do not count', () => {
  const there = state({ members: [member('alice', { role: 'Admin' })] });
  const tenant = memberObject('alice');
  const stranger = { ...tenant, metadata: { ...tenant.metadata, namespace: 'tenant' } };
  const refused = (reason: string) => ({
    findings: [
      {
        subject: { kind: 'Member', key: 'alice@acme.example' },
        source: { ...source('Member', 'alice'), namespace: 'tenant' },
        severity: 'Stalled',
        ...{ reason, message: 'Not allowed.', next: 'Ask.' },
      } as const,
    ],
  });

  it.each(['NamespaceNotListed', 'NotAllowed', 'Conflict'])(
    'say that it is %s, and nothing of what the vault has under that name',
    (reason) => {
      const patches = statusesOf(
        objects({ members: [stranger] }),
        desired(),
        outcome(there, refused(reason)),
        NOW,
      );
      const { conditions, ...rest } = patchOf(patches, 'Member').status;
      expect(rest).toEqual({ observedGeneration: 3 });
      expect(said(conditions)).toEqual([
        `Joined=False/${reason}`,
        `Ready=False/${reason}`,
        `Stalled=True/${reason}`,
        `SuspensionMatches=False/${reason}`,
        `TemplateBound=False/${reason}`,
      ]);
    },
  );

  it.each(['TemplateNotFound', 'InvalidSpec', 'SeatsExhausted'])(
    'say nothing of the vault either where what keeps it from counting is %s',
    (reason) => {
      const patches = statusesOf(
        objects({ members: [stranger] }),
        desired(),
        outcome(there, refused(reason)),
        NOW,
      );
      const { conditions, ...rest } = patchOf(patches, 'Member').status;
      expect(rest).toEqual({ observedGeneration: 3 });
      expect(said(conditions)).toContain(`Joined=False/${reason}`);
    },
  );

  it('say nothing of the vault while it is being deleted, of which no plan speaks', () => {
    const patches = statusesOf(objects({ members: [stranger] }), desired(), outcome(there), NOW);
    const { conditions, ...rest } = patchOf(patches, 'Member').status;
    expect(rest).toEqual({ observedGeneration: 3 });
    expect(said(conditions)).toContain('Ready=False/Progressing');
  });

  it('name neither the id nor the difference of what is there and is not adopted', () => {
    const patches = statusesOf(
      objects({ members: [stranger] }),
      desired({
        members: [
          { ...desiredMember('alice'), source: { ...source('Member', 'alice'), namespace: 'tenant' } },
        ],
      }),
      outcome(there, refused('NotAdopted')),
      NOW,
    );
    const { conditions } = patchOf(patches, 'Member').status;
    expect(said(conditions)).toContain('Stalled=True/NotAllowed');
    expect(JSON.stringify(conditions)).not.toContain('Not allowed. Ask.');
  });

  it('are as of any other object where the thing came from that namespace', () => {
    const declared = {
      ...desiredMember('alice'),
      source: { ...source('Member', 'alice'), namespace: 'tenant' },
    };
    const record = {
      kind: 'Member',
      key: 'alice@acme.example',
      manager: 'acme/acme',
      origin: 'tenant',
      applied: { member: { role: 'Member' }, grants: [] },
      deletionPolicy: null,
      provenance: {},
      seenUnder: null,
    } as const;
    const patches = statusesOf(
      objects({ members: [stranger] }),
      desired({ members: [declared] }),
      outcome({ ...there, records: [record] }, refused('SeatsExhausted')),
      NOW,
    );
    expect(patchOf(patches, 'Member').status).toMatchObject({ memberId: 'member_alice', role: 'Admin' });
  });

  it('and of two of one name in two namespaces each has its own', () => {
    const patches = statusesOf(
      objects({ members: [tenant, stranger] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice')] }), refused('Conflict')),
      NOW,
    );
    const ready = patches.flatMap(({ kind, object, status }) =>
      kind === 'Member'
        ? [`${object.metadata.namespace} ${status.conditions.find(({ type }) => type === 'Ready')?.status}`]
        : [],
    );
    expect(ready.sort()).toEqual(['acme True', 'tenant False']);
  });
});
