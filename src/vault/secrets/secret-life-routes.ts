/** What becomes of a project with its secrets. */
import type { VaultContext } from '../act/context.ts';
import { checkConfirmed, confirmedName } from '../people-api/confirmed-name.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { trashProject } from '../projects/project-deletion.ts';
import { ofProject } from './secret-content.ts';

export function secretLifeRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/projects/{project}',
    summary: 'Put a project with its secrets into the trash for 30 days; `confirm` is its name (P2)',
    operation: 'deleteProject',
    project: 'project',
    params: ofProject,
    query: confirmedName,
    answer: { description: 'In the trash; people and machines have lost it.' },
    refuses: [404],
    act: (act, { params: { project }, query }) => {
      checkConfirmed(query.confirm, project);
      return trashProject(act, project);
    },
  });
}
