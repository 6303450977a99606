import { z } from 'zod';
import {
  access,
  displayedName,
  email,
  expiresAt,
  grantEnd,
  organizationRef,
  reinstate,
} from './field-schemas.ts';
import { mapList } from './rules.ts';

export const groupSpec = z.strictObject({
  organizationRef,
  name: displayedName.optional().describe('Name in the vault. Default metadata.name.'),
  description: z.string().max(1024).optional().describe('Shown to people. Default empty.'),
  members: mapList(
    z.strictObject({
      email: email.describe('Who; compared without case. An invitee may stand here too.'),
      expiresAt: expiresAt.optional().describe('When the membership of the group ends (M5). Default never.'),
    }),
    ['email'],
    2000,
  )
    .optional()
    .describe('Who has what the group gives (G2).'),
  grants: mapList(z.strictObject({ project: displayedName, access, expiresAt: grantEnd }), ['project'], 1000)
    .optional()
    .describe('What each member has by the group, beside what they have otherwise (G1).'),
  reinstate: reinstate.optional(),
});
