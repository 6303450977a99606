/**
 * Steps about projects and their secrets (P2, V8).
 *
 * Decides P2: what automation does with projects.
 * Decides rail 7: that a value is made for a name that nobody deleted, or by its entry.
 */
import { givenToProject } from '#model/revocations.ts';
import { checkRename, renameManaged } from '../managed/renaming.ts';
import { checkBefore, type StepTypes } from '../managed/step.ts';
import { giveBack } from '../managed/tombstones.ts';
import {
  createProject,
  deleteProject,
  projectNamed,
  secretNames,
  setDescription,
  updateProject,
} from '../projects/projects.ts';
import { splitKey } from './secret-key.ts';
import { createGenerated } from './secrets.ts';

const subject = ({ key }: { readonly key: string }) => ({ kind: 'Project', key }) as const;

type ProjectSteps = Pick<
  StepTypes,
  'CreateProject' | 'RenameProject' | 'UpdateProject' | 'DeleteProject' | 'CreateSecret'
>;

export const PROJECT_STEPS: ProjectSteps = {
  CreateProject: {
    subject,
    withdraws: false,
    run: async (act, { key, after }, { reinstate }) => {
      await giveBack(act, subject({ key }), [givenToProject.itself], reinstate);
      await createProject(act, key, after.description);
      return { audit: { action: 'project.created', details: { description: after.description } } };
    },
  },
  RenameProject: {
    subject,
    withdraws: false,
    run: async (act, action, request) => {
      const rename = await checkRename(act, action, request);
      const project = await projectNamed(act, rename.from);
      const { id, description } = project;
      await updateProject(act, project, { name: rename.to, description });
      await renameManaged(act, rename, request);
      return { audit: { action: 'project.updated', details: { id, renamedFrom: rename.from } } };
    },
  },
  UpdateProject: {
    subject,
    withdraws: false,
    run: async (act, action) => {
      const { id, description } = await projectNamed(act, action.key);
      checkBefore(action, { description });
      await setDescription(act, id, action.after.description);
      return { audit: { action: 'project.updated', details: { description: action.after.description } } };
    },
  },
  DeleteProject: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const project = await projectNamed(act, action.key);
      const secrets = await secretNames(act, project.id);
      checkBefore(action, { description: project.description, secrets });
      await deleteProject(act, project);
      return { audit: { action: 'project.deleted', details: { id: project.id, secrets } } };
    },
  },
  CreateSecret: {
    subject: ({ key }) => ({ kind: 'Project', key: splitKey(key).project }),
    withdraws: false,
    run: async (act, { key, after }, { reinstate }) => {
      const { project, secret } = splitKey(key);
      const row = await projectNamed(act, project);
      await giveBack(act, subject({ key: project }), [givenToProject.secret(secret)], reinstate);
      const id = await createGenerated(act, row, secret, after.generator);
      return {
        audit: { action: 'secret.created', details: { id, version: 1, generator: { ...after.generator } } },
      };
    },
  },
};
