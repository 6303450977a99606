import { z } from 'zod';
import {
  access,
  displayedName,
  email,
  expiresAt,
  grantEnd,
  organizationRef,
  projectScope,
  reinstate,
  templateRef,
} from './field-schemas.ts';
import { mapList, withRules } from './rules.ts';

export const memberSpec = z.strictObject({
  organizationRef,
  email: withRules(email, [
    {
      cel: 'self.lowerAscii() == oldSelf.lowerAscii()',
      message: 'email cannot change; delete this Member and create one for the new address',
      holds: null,
    },
  ]).describe('Who; compared without case. Immutable.'),
  role: z
    .enum(['Admin', 'Member'])
    .meta({ default: 'Member' })
    .optional()
    .describe('Baseline of cells (O4). Default Member.'),
  expiresAt: expiresAt
    .optional()
    .describe('When the membership ends: from then on the person is as if suspended (M5). Default never.'),
  templateRef: templateRef
    .extend({ expiresAt: expiresAt.optional().describe('When the assignment ends (M5). Default never.') })
    .optional()
    .describe('The PermissionTemplate that the person holds, at most one (T1).'),
  projectScope: projectScope
    .optional()
    .describe('Narrows the scope of the template for this person, never widens it (T1).'),
  grants: mapList(z.strictObject({ project: displayedName, access, expiresAt: grantEnd }), ['project'], 1000)
    .optional()
    .describe('Access to projects, beside what the template gives (G1).'),
  state: z
    .enum(['Active', 'Suspended'])
    .optional()
    .describe('Suspended blocks access at once and keeps grants (M1). Default Active.'),
  reinstate: reinstate.optional(),
});
