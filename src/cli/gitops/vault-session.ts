import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { requireDeclared } from '#engine/declared-address.ts';
import { managerOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import type { PassInput } from '#engine/pass-types.ts';
import { installationId } from '#identity/installation-id.ts';
import type { Provider } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { authoritiesOf } from '../terminal/authorities.ts';
import { finishingCalls } from '../terminal/interruption.ts';
import type { FolderOptions, Workspace } from './workspace.ts';

export interface VaultOptions extends FolderOptions {
  readonly credentials: string;
  readonly connectTo?: ConnectTo;
}

/**
 * What a pass over the folder starts from. The provider is open until it is closed. Throws EngineError
 * `CredentialsForAnotherVault` before anything is sent.
 */
export async function openSession(
  workspace: Workspace,
  options: VaultOptions,
  stop: AbortSignal,
): Promise<PassInput & { readonly provider: Provider }> {
  const { organization, desired, findings, planApprovals } = workspace;
  const credentials = await credentialsOfFolder(options.credentials);
  requireDeclared(organization.spec, credentials.address);
  const ca = credentials.ca ?? (await authoritiesOf(process.env.SENESCHAL_CA)) ?? null;
  const provider = connect({ ...credentials, ca, connectTo: options.connectTo });
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
