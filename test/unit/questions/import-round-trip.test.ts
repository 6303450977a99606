import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { OrganizationPlan } from '#planning/plan-types.ts';
import { type ImportedFolder, importedFolder } from '#questions/import/imported.ts';
import { folderFiles, SPLITS } from '#source/folder-files.ts';
import { parseManifest } from '#source/manifest.ts';
import { arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { policy } from '#test/builders/desired.ts';
import { NOW } from '#test/builders/organization.ts';

const OPTIONS = { url: 'https://vault.example', credentialsSecret: 'vault-credentials', now: NOW };

/** What the files say, read as any folder is. */
function readBack({ objects }: ImportedFolder, split: (typeof SPLITS)[number]): CustomResource[] {
  const home = objects[0]?.metadata.namespace ?? '';
  return [...folderFiles(objects, { split, home })].flatMap(([file, text]) => {
    const source = parseManifest(file, text, {});
    expect(source.problems).toEqual([]);
    expect(source.warnings).toEqual([]);
    return source.objects.map(({ object }) => object);
  });
}

function planOf(state: OrganizationState, objects: readonly CustomResource[]): OrganizationPlan {
  const organization = objects[0] as CustomResource<'Organization'>;
  const context = { complete: true, seenUnder: null, machineKeys: new Map() };
  const { desired, findings } = desiredOf(organization, objects, context);
  expect(findings).toEqual([]);
  return plan(desired, state, policy(), NOW);
}

/** What a person may still do, and what is told of what cannot be declared. */
const TOLD = ['InvitePending', 'ReacceptancePending', 'ConfirmationPending', 'Ended'];

describe('a folder that is made of a vault', () => {
  it('has a plan of nothing but claims, whatever there is', () => {
    fc.assert(
      fc.property(arbitraryOrganization, fc.constantFrom(...SPLITS), (state, split) => {
        const imported = importedFolder(state, OPTIONS);
        // Then there is no folder.
        fc.pre(imported.inTheWay.length === 0);
        const { steps, findings } = planOf(state, readBack(imported, split));
        const isExpired = (key: string) =>
          (state.members.find(({ email }) => email === key)?.invite?.expiresAt ?? Infinity) <= NOW;
        const others = steps
          .map(({ action }) => action)
          .filter(({ kind, before, key }) => {
            // The rails that count anyway, which a vault that never had any is told once.
            if (kind === 'ApplySettings') return before !== null;
            if (kind === 'ResendInvite') return !isExpired(key);
            return kind !== 'Claim';
          });
        expect(others).toEqual([]);
        const leftOut = new Set(imported.leftOut.map(({ key }) => key));
        const unsaid = findings.filter(
          ({ subject, reason, keys = [subject.key] }) =>
            !TOLD.includes(reason) && !keys.every((key) => leftOut.has(key)) && !leftOut.has(subject.key),
        );
        expect(unsaid).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
