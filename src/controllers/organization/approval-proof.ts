/** Since when the API server proves who made a PlanApproval (docs/decisions/0006). */
import { APPROVAL_POLICY, approvalsProvenSince } from '#api/v1alpha1/approval-policy.ts';
import type { KubeClient, KubeObject, ResourceType } from '#kube/kube.ts';

const POLICIES: ResourceType<KubeObject & { spec?: unknown }> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};

const BINDINGS: ResourceType<KubeObject & { spec?: unknown }> = {
  ...POLICIES,
  resource: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
};

/**
 * Milliseconds since the epoch; null: nothing is proven, because policy or binding is absent, may not be read, or
 * says something else than what the chart ships. Asked only where there is an approval to judge.
 */
export async function readApprovalsProvenSince(
  client: KubeClient,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const [policy, binding] = await Promise.all([
      client.find(POLICIES, { name: APPROVAL_POLICY }, { signal }),
      client.find(BINDINGS, { name: APPROVAL_POLICY }, { signal }),
    ]);
    return approvalsProvenSince(policy, binding);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
