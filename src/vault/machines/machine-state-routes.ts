/** What people take from a machine at once, and give back to it; each revocation leaves a tombstone (rail 7). */
import type { VaultContext } from '../act/context.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import {
  disableMachineByPerson,
  enableMachineByPerson,
  revokeMachineByPerson,
} from './machine-state-acts.ts';

const ofMachine = { name: displayedName };

export function machineStateRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/disable',
    summary: 'Disable a machine: its next request is refused',
    operation: 'restrictMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => disableMachineByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/enable',
    summary: 'Enable a machine that was disabled, unless it is past its end',
    operation: 'manageMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => enableMachineByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/machines/{name}',
    summary: 'Revoke a machine, with its keys, memberships and grants',
    operation: 'restrictMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => revokeMachineByPerson(act, params.name),
  });
}
