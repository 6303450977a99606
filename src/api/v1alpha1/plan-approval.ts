import { z } from 'zod';
import { ownOrganizationRef } from './field-schemas.ts';
import { immutable, matching, setList, withRules } from './rules.ts';

export const planApprovalSpec = withRules(
  z.strictObject({
    organizationRef: ownOrganizationRef,
    digest: matching(
      /^[0-9a-f]{64}$/,
      'must be the digest that the plan prints, 64 digits of lower-case hex',
      {
        max: 64,
      },
    ).describe('What is approved: the digest that the plan and the Organization’s status show.'),
    approver: z
      .string()
      .min(1)
      .max(253)
      .describe(
        'User name of the approver; a ValidatingAdmissionPolicy proves that it is the requesting user.',
      ),
    groups: setList(z.string().min(1).max(253), 50)
      .optional()
      .describe('Groups by which the approver counts; the same policy proves that the user is in each.'),
    reason: z.string().min(1).max(1024).describe('Why; kept in the audit log.'),
  }),
  [immutable('an approval', 'create another PlanApproval')],
);
