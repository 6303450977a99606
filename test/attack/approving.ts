/** A vault whose rails name an approver, and what is tried: to have an admin made by an approval that is none. */
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import { RAILS } from '#test/builders/desired.ts';
import { access, type MovedClock, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { member, type Person } from '#test/integration/vault/world/people.ts';
import { withSecondFactor } from '#test/integration/vault/world/second-factor.ts';
import { type Outcome, ofAnswer, ofStep } from './outcome.ts';

export const APPROVER = 'alice@acme.example';

export interface Approving {
  readonly vault: TestVault;
  readonly clock: MovedClock;
  readonly boss: Person;
}

/** `APPROVER` is named, and has not joined. */
export async function approving(): Promise<Approving> {
  const { vault, clock, boss } = await ownedVault();
  const after = { ...RAILS, approvers: { users: [], groups: [], members: [APPROVER] } };
  const settings: StepAction = { kind: 'ApplySettings', key: vault.vaultId, before: null, after };
  const said = await vault.step(settings, { approval: await vault.approved([settings]) });
  if (said !== 'Done') throw new Error(`rails: ${said}`);
  return { vault, clock, boss };
}

/** A member of that address, with a second factor that their session was proven by. */
export async function provenMember(
  { vault, clock }: Approving,
  email: string,
  more: Parameters<typeof access>[0] = {},
): Promise<Person> {
  const person = await member(vault, email, more);
  await withSecondFactor(person, clock.now());
  return person;
}

const ADMIN: StepAction = {
  kind: 'InviteMember',
  key: 'outsider@elsewhere.example',
  before: null,
  after: access({ role: 'Admin' }),
};

/** Of the plan that makes the outsider an admin. */
export const digestOf = ({ vault }: Approving): string => planDigest(vault.vaultId, [ADMIN]);

/** Asks for the approval of that digest; null: it was refused. */
export async function approve(
  { vault }: Approving,
  person: Person,
  digest: string,
): Promise<{ readonly outcome: Outcome; readonly reference: string | null }> {
  const answer = await person.ask<{ id?: string }>('POST', `/vaults/${vault.vaultId}/approvals`, {
    digest,
    reason: 'reviewed',
  });
  return { outcome: ofAnswer('POST /approvals', answer), reference: answer.body.id ?? null };
}

/** Sends the step under the approval, or under a made-up one. */
export async function makeAdmin(of: Approving, reference: string | null): Promise<Outcome> {
  const approval = {
    digest: digestOf(of),
    approver: 'alice',
    via: 'Vault',
    reference: reference ?? 'apr_0123456789abcdef',
    reason: 'reviewed',
  } as const;
  const [answer] = await of.vault.stepsUnapproved([{ action: ADMIN, approval }]);
  return ofStep('InviteMember', answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none'));
}

/** The approval, and the step under it. */
export async function approveAndMakeAdmin(of: Approving, person: Person): Promise<readonly Outcome[]> {
  const { outcome, reference } = await approve(of, person, digestOf(of));
  return [outcome, await makeAdmin(of, reference)];
}
