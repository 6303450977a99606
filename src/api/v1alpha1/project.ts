import { z } from 'zod';
import {
  access,
  displayedName,
  email,
  grantEnd,
  organizationRef,
  reinstate,
  renamedFrom,
} from './field-schemas.ts';
import { atomicList, mapList, withRules } from './rules.ts';

export const projectSpec = z.strictObject({
  organizationRef,
  name: displayedName.optional().describe('Name in the vault. Default metadata.name.'),
  renamedFrom: renamedFrom.optional(),
  description: z.string().max(1024).optional().describe('Shown to people. Default empty.'),
  grants: atomicList(
    withRules(
      z.strictObject({
        member: email.optional().describe('E-mail of a person.'),
        group: displayedName.optional().describe('Name of a group in the vault.'),
        access,
        expiresAt: grantEnd,
      }),
      [
        {
          cel: 'has(self.member) != has(self.group)',
          message: 'names exactly one of member and group',
          holds: ({ member, group }) => (member !== undefined) !== (group !== undefined),
        },
      ],
    ),
    1000,
  )
    .optional()
    .describe('Access of people and groups to this project; as a grant of their Member or Group (G1).'),
  secrets: mapList(
    withRules(
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
        reinstate: reinstate
          .optional()
          .describe(
            'Id of the audit entry by which a person deleted it; gives it back with its value (rail 7).',
          ),
        reinstateAs: z
          .enum(['NewValue'])
          .optional()
          .describe('It comes back with a value by the generator; default with its own.'),
      }),
      [
        {
          cel: '!has(self.reinstateAs) || (has(self.reinstate) && has(self.generator))',
          message: 'reinstateAs needs reinstate and a generator',
          holds: ({ reinstateAs, reinstate, generator }) =>
            reinstateAs === undefined || (reinstate !== undefined && generator !== undefined),
        },
      ],
    ),
    ['name'],
    1000,
  )
    .optional()
    .describe('Secrets that must exist. Values never stand here.'),
  reinstate: reinstate
    .optional()
    .describe('Id of the audit entry by which a person deleted the project; gives it back (rail 7).'),
  deletionPolicy: z
    .enum(['Orphan', 'Delete'])
    .optional()
    .describe('What happens when it is declared no longer. Delete needs an approval. Default Orphan.'),
});
