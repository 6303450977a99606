import { OWNER } from '../../../builders/vault.ts';
import type { Row } from '../row.ts';

const NOBODY = '/members/nobody@acme.example';
const V = '/api/v1/vaults/{vaultId}';

/** About one that is not there: whoever is let through is told so. */
const ofNone = (route: string, people: Row['people'], path: string, body?: object): Row => ({
  route,
  ...(people === undefined ? {} : { people }),
  asks: (world) => ({ target: world.at(path), body }),
  reaches: 'NotFound',
});
// O4: groups are in the baseline of admins, without a cell.
const admins = { role: 'Admin' } as const;
// T4: the cells that these take are the owner's alone.
const owner = { role: 'Owner' } as const;
const seesMembers = { cells: ['Organization: View members'] } as const;
const managesProject = { cells: ['Projects: Manage'] } as const;

export const rows: readonly Row[] = [
  {
    route: `GET ${V}/groups`,
    people: seesMembers,
    asks: (world) => ({ target: world.at('/groups') }),
  },
  {
    route: `POST ${V}/groups`,
    people: admins,
    asks: (world) => ({ target: world.at('/groups'), body: { name: world.newName() } }),
  },
  ofNone(`PATCH ${V}/groups/{name}`, admins, '/groups/none', { name: 'other' }),
  ofNone(`POST ${V}/groups/{name}/duplicate`, admins, '/groups/none/duplicate', { name: 'other' }),
  ofNone(`DELETE ${V}/groups/{name}`, admins, '/groups/none'),
  {
    route: `GET ${V}/groups/{name}/members`,
    people: seesMembers,
    asks: (world) => ({ target: world.at('/groups/Everyone/members') }),
  },
  {
    route: `POST ${V}/groups/{name}/members`,
    people: admins,
    asks: (world) => ({ target: world.at('/groups/Everyone/members'), body: { emails: [OWNER] } }),
  },
  ofNone(`DELETE ${V}/groups/{name}/members/{email}`, admins, '/groups/Everyone/members/nobody@acme.example'),
  {
    route: `PUT ${V}/groups/{name}/grants/{project}`,
    people: managesProject,
    asks: (world, project) => ({
      target: world.at(`/groups/Everyone/grants/${project}`),
      body: { access: 'Read' },
    }),
  },
  {
    route: `DELETE ${V}/groups/{name}/grants/{project}`,
    people: managesProject,
    asks: (world, project) => ({ target: world.at(`/groups/none/grants/${project}`) }),
    reaches: 'NotFound',
  },
  {
    route: `GET ${V}/templates`,
    people: { cells: ['Templates: View'] },
    asks: (world) => ({ target: world.at('/templates') }),
  },
  {
    route: `POST ${V}/templates`,
    people: owner,
    asks: (world) => ({
      target: world.at('/templates'),
      body: { name: world.newName(), capabilities: { Secrets: ['View'] } },
    }),
  },
  ofNone(`PATCH ${V}/templates/{name}`, owner, '/templates/none', { description: 'd' }),
  ofNone(`POST ${V}/templates/{name}/archive`, owner, '/templates/none/archive'),
  ofNone(`POST ${V}/templates/{name}/unarchive`, owner, '/templates/none/unarchive'),
  ofNone(`DELETE ${V}/templates/{name}`, owner, '/templates/none'),
  ofNone(`PUT ${V}/members/{email}/role`, owner, `${NOBODY}/role`, { role: 'Admin' }),
  ofNone(`PUT ${V}/members/{email}/template`, owner, `${NOBODY}/template`, { template: 'none' }),
  {
    ...ofNone(`PUT ${V}/members/{email}/template`, owner, `${NOBODY}/template`, { template: null }),
    variant: 'taken away',
  },
  ofNone(`PUT ${V}/members/{email}/scope`, owner, `${NOBODY}/scope`, { projectScope: [] }),
  {
    route: `PUT ${V}/members/{email}/grants/{project}`,
    people: managesProject,
    asks: (world, project) => ({
      target: world.at(`${NOBODY}/grants/${project}`),
      body: { access: 'Write' },
    }),
    reaches: 'NotFound',
  },
  {
    route: `GET ${V}/projects`,
    people: 'member',
    asks: (world) => ({ target: world.at('/projects') }),
    shows: {
      cell: 'Projects: View',
      visible: ({ body }, project) =>
        (body as { projects: { name: string }[] }).projects.some(({ name }) => name === project),
    },
  },
  {
    route: `POST ${V}/projects`,
    people: { cells: ['Projects: Create'] },
    asks: (world) => ({ target: world.at('/projects'), body: { name: world.newName() } }),
  },
  {
    route: `PATCH ${V}/projects/{project}`,
    people: managesProject,
    asks: (world, project) => ({
      target: world.at(`/projects/${project}`),
      body: { description: world.newName() },
    }),
  },
  {
    route: `GET ${V}/access`,
    variant: 'one’s own',
    people: 'member',
    asks: (world) => ({ target: world.at('/access') }),
  },
  {
    route: `GET ${V}/access`,
    variant: 'of another',
    people: seesMembers,
    // Of the owner the owner is told as everybody is of themselves.
    asks: (world) => ({ target: world.at(`/access?member=${OWNER}`) }),
  },
  {
    route: `GET ${V}/access`,
    variant: 'who can',
    people: seesMembers,
    asks: (world, project) => ({ target: world.at(`/access?cell=Secrets%3A%20View&project=${project}`) }),
  },
  {
    route: `GET ${V}/usage`,
    people: 'member',
    asks: (world) => ({ target: world.at('/usage') }),
  },
];
