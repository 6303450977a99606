import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import { RAILS } from '#test/builders/desired.ts';
import { APPROVER, type Approving, approve, approving, provenMember } from './approving.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const rails = (...members: string[]) => ({ ...RAILS, approvers: { users: [], groups: [], members } });

attack({
  name: 'names an accomplice an approver, in Git, and approves that',
  actor: 'Member',
  rule: 'rail 2',
  refused: ['NeedsApproval'],
  permittedBy: 'an approval by the owner',
  async world() {
    const of = await approving();
    return { of, alice: await provenMember(of, APPROVER) };
  },
  attack: ({ alice }) => alice,
  control: ({ of }) => of.boss,
  async calls({ of }, giver) {
    const action: StepAction = {
      kind: 'ApplySettings',
      key: of.vault.vaultId,
      before: rails(APPROVER),
      after: rails(APPROVER, 'accomplice@acme.example'),
    };
    const digest = planDigest(of.vault.vaultId, [action]);
    const { reference } = await approve(of, giver, digest);
    return [await apply(of, action, digest, reference)];
  },
});

async function apply({ vault }: Approving, action: StepAction, digest: string, reference: string | null) {
  const approval = {
    digest,
    approver: 'somebody',
    via: 'Vault',
    reference: reference ?? 'apr_0123456789abcdef',
    reason: 'reviewed',
  } as const;
  return ofStep('ApplySettings', await vault.stepUnapproved(action, { approval }));
}
