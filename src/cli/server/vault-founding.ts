/** Making an organization with the automation identity that was asked for; for `vault init` and `vault dev`. */
import { audienceOf } from '#protocol/audience.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { createAutomation, type NewAutomation } from '#vault/automation/automations.ts';
import { createOrganization, requireOffer } from '#vault/organizations/organizations.ts';
import { createAccount } from '#vault/sessions/accounts.ts';
import { writeCredentials } from '../terminal/credentials-folder.ts';

export interface Founding {
  readonly owner: { readonly email: string; readonly password: string };
  readonly organization: string;
  readonly plan: string;
  readonly vaultId?: string | undefined;
  /** What the automation identity may do, and what it is held to. */
  readonly automation: Omit<NewAutomation, 'name' | 'publicKey'>;
  /** Folder that the credentials of the automation identity are written to. */
  readonly credentialsDir: string;
  /** Where operator and command line reach the vault. */
  readonly url: string;
  /** PEM of the authorities of its certificate; null: the system's. */
  readonly ca: string | null;
}

/**
 * Makes the owner's account, the organization, and an automation identity. Who runs this has the database and the root key in hand, so no password is asked anew (V4).
 * Throws DomainError.
 */
export async function found(
  context: VaultContext,
  founding: Founding,
): Promise<{ readonly vaultId: string }> {
  // Before the account is made: the command is run again then.
  requireOffer(context, founding.plan);
  const { email, password } = founding.owner;
  const owner = await createAccount(context, { email, userName: userNameOf(email), password });
  const { vaultId } = await createOrganization(context, owner, {
    displayName: founding.organization,
    plan: founding.plan,
    vaultId: founding.vaultId,
  });
  const automation = await context.act(vaultId, { type: 'system' }, (act) =>
    createAutomation(act, { ...founding.automation, name: 'automation' }),
  );
  await writeCredentials(founding.credentialsDir, {
    address: { url: audienceOf(founding.url), vaultId },
    ca: founding.ca,
    automationId: automation.id,
    privateKey: automation.privateKey ?? '',
  });
  return { vaultId };
}

/** What the audit log calls a person: the part before the @, until they choose another. */
export function userNameOf(email: string): string {
  return email.split('@', 1)[0] ?? email;
}
