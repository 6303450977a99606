import { z } from 'zod';
import { displayedName, organizationRef, projectScope, reinstate, renamedFrom } from './field-schemas.ts';
import { capabilities } from './template-cells.ts';

export const permissionTemplateSpec = z.strictObject({
  organizationRef,
  name: displayedName.optional().describe('Name in the vault. Default metadata.name.'),
  renamedFrom: renamedFrom.optional(),
  description: z.string().max(1024).optional().describe('Shown to people. Default empty.'),
  capabilities: capabilities.describe('Category to list of cells of the capability matrix.'),
  projectScope: projectScope.optional().describe('Where the project cells act (T3). Default all: true.'),
  reinstate: reinstate.optional(),
});
