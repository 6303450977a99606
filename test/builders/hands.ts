/** What people do in a vault beside Git, as a vault keeps it: the change, and the tombstone of what they cut. */
import type { OrganizationState } from '#model/organization.ts';
import type { Tombstone, TombstoneAct } from '#model/record.ts';
import { HOUR, NOW } from './organization.ts';

export const HANDS = [
  'grants a machine more',
  'disables a machine',
  'rotates the keys',
  'suspends a member',
  'removes a member',
  'takes a grant',
  'takes a cell',
  'deletes a project',
  'describes a project',
  'makes a template',
  'lets the plan lapse',
  'nothing',
] as const;

/** The state after a person did it to the first thing of its kind; unchanged where there is none. */
export function withHand(state: OrganizationState, what: (typeof HANDS)[number]): OrganizationState {
  const [project] = state.projects;
  const [machine] = state.machines;
  const [template] = state.templates;
  const member = state.members.find(({ role, state: is }) => role !== 'Owner' && is === 'Active');
  const grant = member?.grants[0];
  switch (what) {
    case 'grants a machine more': {
      const secret = state.secrets.find(
        (one) => !machine?.access.some(({ project: name }) => name === one.project),
      );
      if (machine === undefined || secret === undefined) return state;
      const access = [...machine.access, { project: secret.project, secrets: [secret.name] }];
      access.sort((a, b) => (a.project < b.project ? -1 : 1));
      return {
        ...state,
        machines: state.machines.map((one) => (one === machine ? { ...one, access } : one)),
      };
    }
    case 'disables a machine':
      if (machine === undefined) return state;
      return cut(
        {
          ...state,
          machines: state.machines.map((one) =>
            one === machine ? { ...one, enabled: false, disabledAt: NOW - HOUR } : one,
          ),
        },
        { kind: 'MachineBinding', key: machine.name, act: 'MachineDisabled', item: null },
      );
    case 'rotates the keys':
      return {
        ...state,
        members: state.members.map((one) =>
          one.state === 'Active' && one.role !== 'Owner' ? { ...one, awaits: 'Reacceptance' } : one,
        ),
      };
    case 'suspends a member':
      if (member === undefined) return state;
      return cut(
        {
          ...state,
          members: state.members.map((one) => (one === member ? { ...one, state: 'Suspended' } : one)),
        },
        { kind: 'Member', key: member.email, act: 'Suspended', item: null },
      );
    case 'removes a member':
      if (member === undefined) return state;
      return cut(
        { ...state, members: state.members.filter((one) => one !== member) },
        { kind: 'Member', key: member.email, act: 'Removed', item: null },
      );
    case 'takes a grant': {
      if (member === undefined || grant === undefined) return state;
      const grants = member.grants.filter((one) => one !== grant);
      return cut(
        { ...state, members: state.members.map((one) => (one === member ? { ...one, grants } : one)) },
        { kind: 'Member', key: member.email, act: 'GrantRemoved', item: grant.project },
      );
    }
    case 'takes a cell': {
      const [category, cells] = Object.entries(template?.capabilities ?? {})[0] ?? [];
      const cell = cells?.[0];
      if (template === undefined || cells === undefined || cell === undefined) return state;
      const capabilities = Object.fromEntries(
        Object.entries(template.capabilities)
          .map(([name, list = []]) => [name, name === category ? list.slice(1) : list] as const)
          .filter(([, list]) => list.length > 0),
      );
      return cut(
        {
          ...state,
          templates: state.templates.map((one) => (one === template ? { ...one, capabilities } : one)),
        },
        { kind: 'PermissionTemplate', key: template.name, act: 'CellRemoved', item: `${category}: ${cell}` },
      );
    }
    case 'deletes a project': {
      if (project === undefined) return state;
      const elsewhere = (one: { readonly project: string }): boolean => one.project !== project.name;
      return {
        ...state,
        projects: state.projects.filter((one) => one !== project),
        secrets: state.secrets.filter(elsewhere),
        members: state.members.map((one) => ({ ...one, grants: one.grants.filter(elsewhere) })),
        machines: state.machines.map((one) => ({ ...one, access: one.access.filter(elsewhere) })),
      };
    }
    case 'describes a project':
      return {
        ...state,
        projects: state.projects.map((one) => (one === project ? { ...one, description: 'by hand' } : one)),
      };
    case 'makes a template': {
      const made = { id: 'tpl_by_hand', name: 'by-hand', description: '', archived: false } as const;
      return {
        ...state,
        templates: [...state.templates, { ...made, capabilities: { Alerts: ['View'] }, projectScope: 'All' }],
      };
    }
    case 'lets the plan lapse':
      return { ...state, plan: { ...state.plan, lapsedAt: NOW - HOUR } };
    case 'nothing':
      return state;
  }
}

function cut(
  state: OrganizationState,
  what: { kind: Tombstone['kind']; key: string; act: TombstoneAct; item: string | null },
): OrganizationState {
  const tombstone: Tombstone = {
    ...what,
    entry: `aud_by_hand_${what.act}`,
    ...{ actor: 'carol', at: NOW - HOUR, final: false },
  };
  return { ...state, tombstones: [...state.tombstones, tombstone] };
}
