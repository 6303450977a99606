import { z } from 'zod';
import { access, displayedName, email, grantEnd, organizationRef } from './field-schemas.ts';
import { mapList } from './rules.ts';

export const projectSpec = z.strictObject({
  organizationRef,
  name: displayedName.optional().describe('Name in the vault. Default metadata.name.'),
  description: z.string().max(1024).optional().describe('Shown to people. Default empty.'),
  grants: mapList(z.strictObject({ member: email, access, expiresAt: grantEnd }), ['member'], 1000)
    .optional()
    .describe('Access of people to this project; the same as a grant of their Member (G1).'),
  secrets: mapList(
    z.strictObject({
      name: displayedName,
      generator: z
        .strictObject({
          length: z.int().min(8).max(1024).describe('Number of characters.'),
          charset: z
            .enum(['Alphanumeric', 'Hex', 'Ascii'])
            .optional()
            .describe('Default Alphanumeric. Ascii: printable, without white space.'),
        })
        .optional()
        .describe('How the vault makes the first value. Absent: somebody sets it in the vault.'),
    }),
    ['name'],
    1000,
  )
    .optional()
    .describe('Secrets that must exist. Values never stand here.'),
  deletionPolicy: z
    .enum(['Orphan', 'Delete'])
    .optional()
    .describe('What happens when it is declared no longer. Delete needs an approval. Default Orphan.'),
});
