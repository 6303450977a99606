import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { managerOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import type { PassInput } from '#engine/pass-types.ts';
import { installationId } from '#identity/installation-id.ts';
import type { Provider } from '#provider/provider.ts';
import { finishingCalls } from '../terminal/interruption.ts';
import { type ProviderOptions, providerOf } from './vault-provider.ts';
import type { FolderOptions, Workspace } from './workspace.ts';

export interface VaultOptions extends FolderOptions, ProviderOptions {}

/**
 * What a pass over the folder starts from. The provider is open until it is closed. Throws what
 * `providerOf` throws, before anything is sent.
 */
export async function openSession(
  workspace: Workspace,
  options: VaultOptions,
  stop: AbortSignal,
): Promise<PassInput & { readonly provider: Provider }> {
  const { organization, desired, findings, planApprovals } = workspace;
  const provider = await providerOf(options, organization.spec);
  return {
    provider: finishingCalls(provider, stop),
    organization,
    desired,
    findings,
    planApprovals,
    // Only an API server proves who created a PlanApproval; here people approve in the vault.
    approvalsProvenSince: null,
    known: null,
    anchor: null,
    settling: {},
    settle: false,
    lease: new VaultLease(managerOf(organization), ownInstallation(), 'CommandLine'),
    only: null,
    now: Date.now,
    signal: stop,
  };
}

/** Of this run: two runs at once, of one user on one host, wait for each other as any two do. */
function ownInstallation(): string {
  return installationId(randomUUID(), `${process.getuid?.() ?? ''}@${hostname()}`);
}
