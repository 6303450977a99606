/** What a pass over a vault in memory starts from. */
import { VaultLease } from '#engine/manager-lease.ts';
import type { PassInput } from '#engine/pass-types.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Desired } from '#planning/plan-types.ts';
import { MANAGER, NOW } from '#test/builders/organization.ts';
import { organizationResource } from '#test/builders/resources.ts';
import { MemoryVault } from './memory-vault.ts';

/** Losses do not settle unless `fields` say so. */
export function memoryPass(state: OrganizationState, declared: Desired, fields: Partial<PassInput> = {}) {
  const vault = new MemoryVault(state, () => NOW);
  const input: PassInput = {
    provider: vault,
    organization: organizationResource(),
    desired: declared,
    findings: [],
    planApprovals: [],
    approvalsProvenSince: 0,
    known: null,
    anchor: null,
    settling: {},
    settle: false,
    lease: new VaultLease(MANAGER, 'installation-1', 'Operator'),
    only: null,
    now: () => NOW,
    signal: new AbortController().signal,
    ...fields,
  };
  return { vault, input };
}
