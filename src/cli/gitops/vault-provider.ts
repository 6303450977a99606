/** The connection of every command that acts by an automation identity: whom it trusts, and which vault it is for. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { requireDeclared } from '#engine/declared-address.ts';
import type { Provider, Tracer } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { authoritiesOf } from '../terminal/authorities.ts';

export interface ProviderOptions {
  /** Folder of credentials. */
  readonly credentials: string;
  readonly connectTo?: ConnectTo;
}

/**
 * Open until it is closed; nothing is sent yet. `spec`: of the Organization that the answer is held against; null: of none.
 * Throws ProviderError `CredentialsMissing`, EngineError `CredentialsForAnotherVault`, Failure `Usage`.
 */
export async function providerOf(
  { credentials: folder, connectTo }: ProviderOptions,
  spec: Spec<'Organization'> | null,
): Promise<Provider & Tracer> {
  const credentials = await credentialsOfFolder(folder);
  if (spec !== null) requireDeclared(spec, credentials.address);
  const ca = credentials.ca ?? (await authoritiesOf(process.env.SENESCHAL_CA)) ?? null;
  return connect({ ...credentials, ca, connectTo });
}
