/**
 * The ValidatingAdmissionPolicy by which the API server proves who made a PlanApproval. `npm run crds` writes it
 * to the chart; the operator counts approvals only while exactly this policy is in force.
 */
import { GROUP, RESOURCES } from './kinds.ts';

/** Name of the policy and of its binding. */
export const APPROVAL_POLICY = 'seneschal-plan-approvals';

const created = "request.operation != 'CREATE'";

const policySpec = {
  failurePolicy: 'Fail',
  matchConstraints: {
    resourceRules: [
      {
        apiGroups: [GROUP],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: [RESOURCES.PlanApproval],
      },
    ],
  },
  validations: [
    {
      expression: `${created} || !request.userInfo.username.startsWith('system:')`,
      message: 'an approval is given by a person: not by a service account, a node or another system: user',
      reason: 'Forbidden',
    },
    {
      expression: `${created} || object.spec.approver == request.userInfo.username`,
      messageExpression:
        "'spec.approver must be the user who creates the approval: ' + request.userInfo.username",
      message: 'spec.approver must be the user who creates the approval',
      reason: 'Forbidden',
    },
    {
      expression: `${created} || !has(object.spec.groups) || object.spec.groups.all(group, has(request.userInfo.groups) && group in request.userInfo.groups)`,
      message: 'spec.groups may only name groups that the API server knows you to be in',
      reason: 'Forbidden',
    },
    {
      expression: "request.operation != 'UPDATE' || object.spec == oldObject.spec",
      message: 'an approval cannot change; create another PlanApproval',
      reason: 'Invalid',
    },
  ],
};

const bindingSpec = { policyName: APPROVAL_POLICY, validationActions: ['Deny'] };

const apiVersion = 'admissionregistration.k8s.io/v1';

/** The two objects as the chart has them. */
export const APPROVAL_POLICY_OBJECTS = [
  { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name: APPROVAL_POLICY }, spec: policySpec },
  {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: APPROVAL_POLICY },
    spec: bindingSpec,
  },
] as const;

/** What the API server fills in, and what therefore does not weaken the policy. */
const DEFAULTS: Readonly<Record<string, string>> = {
  matchPolicy: '"Equivalent"',
  namespaceSelector: '{}',
  objectSelector: '{}',
  scope: '"*"',
};

interface AdmissionObject {
  readonly metadata: {
    readonly creationTimestamp?: string | undefined;
    readonly managedFields?:
      | readonly { readonly time?: string | undefined; readonly subresource?: string | undefined }[]
      | undefined;
  };
  readonly spec?: unknown;
}

/**
 * Since when (milliseconds) the API server has proven approvers: the last change of policy or binding. An
 * approval that is older was never judged. `null`: it proves nothing, because one of the two is absent or says
 * something else than ours.
 */
export function approvalsProvenSince(
  policy: AdmissionObject | undefined,
  binding: AdmissionObject | undefined,
): number | null {
  if (policy === undefined || binding === undefined) return null;
  if (!saysTheSame(policySpec, policy.spec) || !saysTheSame(bindingSpec, binding.spec)) return null;
  const times = [policy, binding].flatMap(({ metadata }) => [
    metadata.creationTimestamp,
    ...(metadata.managedFields ?? [])
      .filter(({ subresource }) => subresource === undefined)
      .map(({ time }) => time),
  ]);
  const known = times.filter((time) => time !== undefined).map((time) => Date.parse(time));
  return known.length === 0 || known.some(Number.isNaN) ? null : Math.max(...known);
}

function saysTheSame(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((item, index) => saysTheSame(item, found[index]))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return wanted === found;
  if (typeof found !== 'object' || found === null) return false;
  const known = wanted as Record<string, unknown>;
  return (
    Object.entries(known).every(([key, value]) =>
      saysTheSame(value, (found as Record<string, unknown>)[key]),
    ) &&
    Object.entries(found).every(
      ([key, value]) => Object.hasOwn(known, key) || DEFAULTS[key] === JSON.stringify(value),
    )
  );
}
