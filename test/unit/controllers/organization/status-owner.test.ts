import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Finding } from '#planning/plan-types.ts';
import {
  desired,
  NOW,
  ORGANIZATION,
  object,
  objects,
  outcome,
  patchOf,
  said,
  source,
  state,
} from './pass.ts';

describe('the status of an Organization that declares its owner (O3)', () => {
  const owned = (owner: string, findings: readonly Finding[]) => {
    const organization = object('Organization', 'acme', { ...ORGANIZATION.spec, owner });
    const patches = statusesOf(objects({ organization }), desired(), outcome(state(), { findings }), NOW);
    return said(patchOf(patches, 'Organization').status.conditions);
  };

  it('is settled where they own it, and names what differs where another person does', () => {
    expect(owned('owner@acme.example', [])).toContain('OwnershipSettled=True/Succeeded');
    const differs: Finding = {
      subject: { kind: 'Organization', key: 'vault_0123456789abcdef' },
      source: source('Organization', 'acme'),
      ...{ reason: 'OwnershipDiffers', severity: 'Info' },
      ...{ message: 'alice@acme.example is declared to own the organization.', next: 'Offer it.' },
    };
    const conditions = owned('alice@acme.example', [differs]);
    expect(conditions).toContain('OwnershipSettled=False/OwnershipDiffers');
    expect(conditions).toContain('Ready=True/Succeeded');
  });
});
