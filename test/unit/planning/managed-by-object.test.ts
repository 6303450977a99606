import { describe, expect, it } from 'vitest';
import { ManagedByObject } from '#planning/managed-by-object.ts';
import { MANAGER, organization } from '#test/builders/organization.ts';

describe('whom another namespace decides over (rail 2)', () => {
  it('is the same person however their address is written, in the vault, in its records and in Git', () => {
    const state = organization().member('Ann@Acme.example').member('bob@acme.example').build();
    const record = (key: string, manager: string) => ({
      ...{ kind: 'Member' as const, key, manager, origin: 'acme', applied: { member: {}, grants: [] } },
      ...{ deletionPolicy: null, provenance: {}, seenUnder: null },
    });
    const records = [record('Bob@acme.example', MANAGER), record('Carol@acme.example', 'else/where')];
    const managed = new ManagedByObject(MANAGER, { ...state, records } as never);
    expect(['ann@acme.example', 'ANN@acme.example'].map((email) => managed.isStranger(email))).toEqual([
      true,
      true,
    ]);
    expect(['bob@acme.example', 'BOB@acme.example'].map((email) => managed.isStranger(email))).toEqual([
      false,
      false,
    ]);
    expect(managed.isOfAnother('Member', 'CAROL@acme.example')).toBe(true);
  });
});
