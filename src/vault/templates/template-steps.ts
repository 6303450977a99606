/** Steps about permission templates (T1 to T4; rail 7). */

import type { TemplateFields } from '#model/fields.ts';
import type { Member, PermissionTemplate } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import { givenByTemplate } from '#model/revocations.ts';
import type { Act } from '../act/context.ts';
import { groupsOf } from '../authorization/group-access.ts';
import { accessOf, judgedMember } from '../authorization/member-access.ts';
import { checkRename, renameManaged } from '../managed/renaming.ts';
import { checkBefore, type StepTypes } from '../managed/step.ts';
import { giveBack } from '../managed/tombstones.ts';
import {
  createTemplate,
  deleteTemplate,
  renameTemplate,
  templateNamed,
  updateTemplate,
} from './templates.ts';

const subject = ({ key }: { readonly key: string }) => ({ kind: 'PermissionTemplate', key }) as const;

export const TEMPLATE_STEPS: Pick<
  StepTypes,
  'CreateTemplate' | 'RenameTemplate' | 'UpdateTemplate' | 'DeleteTemplate'
> = {
  CreateTemplate: {
    subject,
    withdraws: false,
    run: async (act, { key, after }, { reinstate }) => {
      await giveBack(act, { kind: 'PermissionTemplate', key }, givenByTemplate(null, after), reinstate);
      await createTemplate(act, key, after);
      return { audit: { action: 'template.created', details: { after: fieldsJson(after) } } };
    },
  },
  RenameTemplate: {
    subject,
    withdraws: false,
    run: async (act, action, request) => {
      const rename = await checkRename(act, action, request);
      const { id } = await templateNamed(act, rename.from);
      await renameTemplate(act, id, rename.to);
      await renameManaged(act, rename, request);
      return { audit: { action: 'template.updated', details: { id, renamedFrom: rename.from } } };
    },
  },
  UpdateTemplate: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const { key, after } = action;
      const template = await templateNamed(act, key);
      const before = fieldsOf(template);
      checkBefore(action, before);
      await giveBack(act, { kind: 'PermissionTemplate', key }, givenByTemplate(before, after), reinstate);
      const members = await holders(act, template);
      const groups = await groupsOf(act.db, act.vault.id);
      await updateTemplate(act, template.id, after);
      const details = { before: fieldsJson(before), after: fieldsJson(after) };
      return {
        judged: { members, groups, templates: [template] },
        audit: { action: 'template.updated', details },
      };
    },
  },
  DeleteTemplate: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const template = await templateNamed(act, action.key);
      checkBefore(action, fieldsOf(template));
      await deleteTemplate(act, template);
      return { audit: { action: 'template.deleted' } };
    },
  },
};

function fieldsOf({ description, capabilities, projectScope }: PermissionTemplate): TemplateFields {
  return { description, capabilities, projectScope };
}

function fieldsJson(fields: TemplateFields): Json {
  return JSON.parse(JSON.stringify(fields)) as Json;
}

/** The members that hold the template, as far as the consequence looks at them. */
async function holders(act: Act, template: PermissionTemplate): Promise<Member[]> {
  const rows = await act.db
    .selectFrom('members')
    .selectAll()
    .where('template_id', '=', template.id)
    .execute();
  const members: Member[] = [];
  for (const row of rows) {
    members.push(judgedMember({ row, access: await accessOf(act.db, row) }));
  }
  return members;
}
