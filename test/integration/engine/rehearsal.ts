/** What the vault answers to steps of which nothing stays: each in a transaction that is rolled back. */
import type { StepAction } from '#model/step.ts';
import type { Fence, StepAnswer, StepRequest } from '#protocol/management.ts';
import { stepsRequest } from '#protocol/schemas.ts';
import type { TestVault } from '#test/builders/vault.ts';
import type { Act, VaultContext } from '#vault/act/context.ts';
import type { DelegatedCall } from '#vault/automation/delegated-writes.ts';
import { currentDelegation } from '#vault/automation/delegation.ts';
import { GROUP_STEPS } from '#vault/groups/group-steps.ts';
import { MEMBER_STEPS } from '#vault/members/member-steps.ts';
import { runSteps } from '#vault/reconciliation/execution.ts';
import { PROJECT_STEPS } from '#vault/secrets/project-steps.ts';
import { TEMPLATE_STEPS } from '#vault/templates/template-steps.ts';

class RolledBack extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super('rolled back');
    this.result = result;
  }
}

/**
 * The code that the step is refused with, `Done` or `Failed`, sent by itself to the vault as it is once `prepared` ran
 * there: their changes alone, so that no rail holds those.
 */
export async function rehearsed(
  vault: TestVault,
  fence: Fence,
  request: StepRequest,
  prepared: readonly StepRequest[] = [],
): Promise<string> {
  const { context } = vault;
  const act: VaultContext['act'] = (vaultId, actor, work) =>
    context
      .act(vaultId, actor, async (act) => {
        for (const before of prepared) await change(act, before);
        throw new RolledBack(await work(act));
      })
      .catch((error: unknown) => {
        if (error instanceof RolledBack) return error.result as never;
        throw error;
      });
  const faults: unknown[] = [];
  const report = (error: unknown) => void faults.push(error);
  const read = stepsRequest.parse({ fence, steps: [request] });
  const { results } = await runSteps({ ...context, act }, await callOf(vault), read, report);
  if (faults.length > 0) throw faults[0];
  return saidOf(results[0]);
}

function saidOf(answer: StepAnswer | undefined): string {
  return answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'Unanswered');
}

async function callOf({ vaultId, context, identity, audience, clock }: TestVault): Promise<DelegatedCall> {
  const { id, keys } = identity;
  const request = { publicKey: keys.publicKey.text, audience, source: '127.0.0.1', provenance: {} };
  const actor = await currentDelegation(context.reader, { id, request }, clock.now());
  return { vaultId, actor, operation: 'runSteps', write: { ifMatch: null, key: null } };
}

/** None of these asks who sent it. */
const NO_FENCE = { manager: '', installation: '', fencing: 0 };

/** What the step does, past what lets it through. */
async function change(act: Act, request: StepRequest): Promise<void> {
  const { action } = request;
  switch (action.kind) {
    case 'CreateProject':
      await PROJECT_STEPS.CreateProject.run(act, action, request, NO_FENCE);
      return;
    case 'RenameProject':
      await PROJECT_STEPS.RenameProject.run(act, action, request, NO_FENCE);
      return;
    case 'RenameTemplate':
      await TEMPLATE_STEPS.RenameTemplate.run(act, action, request, NO_FENCE);
      return;
    case 'CreateTemplate':
      await TEMPLATE_STEPS.CreateTemplate.run(act, action, request, NO_FENCE);
      return;
    case 'UpdateTemplate':
      await TEMPLATE_STEPS.UpdateTemplate.run(act, action, request, NO_FENCE);
      return;
    case 'CreateGroup':
      await GROUP_STEPS.CreateGroup.run(act, action, request, NO_FENCE);
      return;
    case 'UpdateGroup':
      await GROUP_STEPS.UpdateGroup.run(act, action, request, NO_FENCE);
      return;
    case 'DeleteGroup':
      await GROUP_STEPS.DeleteGroup.run(act, action, request, NO_FENCE);
      return;
    case 'InviteMember':
      await MEMBER_STEPS.InviteMember.run(act, action, request, NO_FENCE);
      return;
    case 'SetMemberAccess':
      await MEMBER_STEPS.SetMemberAccess.run(act, action, request, NO_FENCE);
      return;
    default:
      throw new Error(`${(action as StepAction).kind} prepares nothing`);
  }
}
