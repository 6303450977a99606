/** Whether the admission policy that proves approvers is installed and binding (design §4, PlanApproval). */
import type { KubeClient, KubeObject, ResourceType } from '../../kube/kube.ts';

/** Name of the policy and of its binding in the chart. */
export const APPROVAL_POLICY = 'seneschal-plan-approvals';

const POLICIES: ResourceType = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};

const BINDINGS: ResourceType<KubeObject & { spec?: { policyName?: string; validationActions?: string[] } }> =
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'validatingadmissionpolicybindings',
    kind: 'ValidatingAdmissionPolicyBinding',
    namespaced: false,
  };

/** Asked only where there is an approval to judge. What may not be read is not proven. */
export async function approvalsAreProven(client: KubeClient, signal: AbortSignal): Promise<boolean> {
  try {
    const [policy, binding] = await Promise.all([
      client.find(POLICIES, { name: APPROVAL_POLICY }, { signal }),
      client.find(BINDINGS, { name: APPROVAL_POLICY }, { signal }),
    ]);
    return (
      policy !== undefined &&
      binding?.spec?.policyName === APPROVAL_POLICY &&
      binding.spec.validationActions?.includes('Deny') === true
    );
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
