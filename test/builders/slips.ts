import type { Desired, Source } from '#planning/plan-types.ts';
import { OWNER } from './organization.ts';

/** What people write that cannot be done, or not yet. */
export const SLIPS = [
  'owner declared',
  'declared twice',
  'no such project',
  'no such template',
  'no such secret',
  'no value',
  'no key',
  'suspended at once',
  'project grants a stranger',
  'nothing',
] as const;

export function withSlip(declared: Desired, what: (typeof SLIPS)[number]): Desired {
  const [member] = declared.members;
  const [machine] = declared.machines;
  const [project] = declared.projects;
  const other = (source: Source): Source => ({ ...source, name: `${source.name}-2` });
  const members = (list: Desired['members']): Desired => ({ ...declared, members: list });
  switch (what) {
    case 'owner declared':
      return member === undefined
        ? declared
        : members([...declared.members, { ...member, source: other(member.source), email: OWNER }]);
    case 'declared twice':
      return member === undefined
        ? declared
        : members([...declared.members, { ...member, source: other(member.source) }]);
    case 'no such project':
      return members(
        declared.members.map((one, index) =>
          index === 0 ? { ...one, grants: [{ project: 'paymnets', access: 'Read' }] } : one,
        ),
      );
    case 'no such template':
      return members(
        declared.members.map((one, index) =>
          index === 0 ? { ...one, member: { ...one.member, template: 'develpers' } } : one,
        ),
      );
    case 'suspended at once':
      return members(
        declared.members.map((one, index) =>
          index === 0 ? { ...one, member: { ...one.member, state: 'Suspended' } } : one,
        ),
      );
    case 'no such secret':
      return machine === undefined || project === undefined
        ? declared
        : {
            ...declared,
            machines: [
              { ...machine, fields: { access: [{ project: project.name, secrets: ['tpyo'] }] } },
              ...declared.machines.slice(1),
            ],
          };
    case 'no value':
      return project === undefined
        ? declared
        : {
            ...declared,
            projects: [
              { ...project, secrets: [...project.secrets, { name: 'unset', generator: null }] },
              ...declared.projects.slice(1),
            ],
          };
    case 'no key':
      return machine === undefined
        ? declared
        : { ...declared, machines: [{ ...machine, key: null }, ...declared.machines.slice(1)] };
    case 'project grants a stranger':
      return project === undefined
        ? declared
        : {
            ...declared,
            projects: [
              {
                ...project,
                grants: [...project.grants, { member: 'stranger@acme.example', access: 'Read' }],
              },
              ...declared.projects.slice(1),
            ],
          };
    case 'nothing':
      return declared;
  }
}
