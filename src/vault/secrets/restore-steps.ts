/**
 * Steps that give back a project or a secret that a person deleted (rail 7): from the trash, as the thing that it was.
 *
 * Decides rail 7: how Git gives back what a person deleted.
 */
import type { GivenAccess } from '#model/revocations.ts';
import { givenToProject } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { StepTypes } from '../managed/step.ts';
import { clearTombstones, giveBack, standingThing } from '../managed/tombstones.ts';
import { projectNamed, setDescription } from '../projects/projects.ts';
import { inTrash, reviveProject, reviveSecret } from './revival.ts';
import { splitKey } from './secret-key.ts';
import { GENERATED, generate, setSecret } from './secrets.ts';

const subject = (key: string) => ({ kind: 'Project', key }) as const;

export const RESTORE_STEPS: Pick<StepTypes, 'RestoreProject' | 'RestoreSecret'> = {
  RestoreProject: {
    subject: ({ key }) => subject(key),
    withdraws: false,
    run: async (act, { kind, key, after }, { reinstate }) => {
      await checkDeleted(act, key, givenToProject.itself, after.id);
      await giveBack(act, subject(key), [givenToProject.itself], reinstate);
      const { secret, project } = await inTrash(act, after.id);
      if (secret !== null || project.name !== key) throw stale(kind, key);
      const secrets = await reviveProject(act, project, key);
      if (!sameValue(secrets, after.secrets)) throw stale(kind, key);
      await setDescription(act, project.id, after.description);
      await clearTombstones(act, subject(key), ['SecretDeleted'], secrets);
      return { audit: { action: 'project.restored', details: { id: project.id, secrets: [...secrets] } } };
    },
  },
  RestoreSecret: {
    subject: ({ key }) => subject(splitKey(key).project),
    withdraws: false,
    run: async (act, { kind, key, after }, { reinstate }) => {
      const { project: projectName, secret: name } = splitKey(key);
      const given = givenToProject.secret(name);
      await checkDeleted(act, projectName, given, after.id);
      await giveBack(act, subject(projectName), [given], reinstate);
      const project = await projectNamed(act, projectName);
      const { secret } = await inTrash(act, after.id);
      if (secret === null || secret.project_id !== project.id || secret.name !== name) throw stale(kind, key);
      await reviveSecret(act, secret, project, name);
      const { id } = secret;
      if (after.newValue === null) {
        return { audit: { action: 'secret.restored', details: { id, version: secret.current_version } } };
      }
      const { version } = await setSecret(act, project, name, generate(after.newValue), GENERATED);
      const details = { id, version, generator: { ...after.newValue } };
      return { audit: { action: 'secret.restored', details } };
    },
  },
};

/** Throws `StaleBefore` unless the cut that stands over the name deleted that very thing: nothing else leaves the trash by a step. */
async function checkDeleted(act: Act, project: string, given: GivenAccess, id: string): Promise<void> {
  if ((await standingThing(act, subject(project), given)) === id) return;
  throw refuse('StaleBefore', `${id} is not what a person deleted under that name in ${project}.`);
}

function stale(kind: string, key: string) {
  return refuse('StaleBefore', `${kind} ${key} was decided on a trash that has changed since.`);
}
