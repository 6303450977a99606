/**
 * M2: what should be rotated once a person is gone. The plan lists it before a removal and the audit entry after it, so
 * one function decides for both.
 *
 * Decides M2: what should be rotated, for the plan and for the audit entry.
 */
import { accessWhenActive, BEFORE_ALL_ENDS, hasCell } from './access.ts';
import { groupGrantsOf } from './groups.ts';
import type { Group, Machine, MachineKey, MemberAccess, PermissionTemplate, Secret } from './organization.ts';
import { compareText } from './text-order.ts';

export interface ToRotate {
  /** `project/secret`, sorted. */
  readonly rotate: readonly string[];
  /**
   * Keys whose private half the person was shown, brought, or could have made by a token; sorted by machine, then by
   * fingerprint.
   */
  readonly rotateKeys: readonly { readonly machine: string; readonly fingerprint: string }[];
}

/** What it is decided on. Of templates, groups and machines, those that do not concern the person may be left out. */
export interface RotationBasis {
  readonly templates: readonly Pick<PermissionTemplate, 'name' | 'capabilities' | 'projectScope'>[];
  readonly groups: readonly Group[];
  /** All living secrets. */
  readonly secrets: readonly Pick<Secret, 'project' | 'name'>[];
  readonly machines: readonly (Pick<Machine, 'name' | 'access'> & {
    readonly keys: readonly Pick<MachineKey, 'fingerprint' | 'maker'>[];
  })[];
}

/**
 * The secrets whose values the person could set or hand to a machine, and those that a machine reads whose key they
 * made. Otherwise people never read values on this server, so who could only see the name of a secret knows nothing to
 * rotate. A suspended person had the access that an un-suspension would give back, and what has ended was held before
 * (M5). `email` is in lower case.
 */
export function toRotate(basis: RotationBasis, email: string, access: MemberAccess): ToRotate {
  const held = accessWhenActive(
    access,
    (name) => basis.templates.find((template) => template.name === name),
    groupGrantsOf(basis.groups, email),
    BEFORE_ALL_ENDS,
  );
  const readByKey = new Set<string>();
  const rotateKeys: { machine: string; fingerprint: string }[] = [];
  for (const machine of basis.machines) {
    const made = machine.keys.filter(({ maker }) => maker === email);
    if (made.length === 0) continue;
    rotateKeys.push(...made.map(({ fingerprint }) => ({ machine: machine.name, fingerprint })));
    for (const { project, secrets } of machine.access) {
      for (const name of secrets) readByKey.add(`${project}/${name}`);
    }
  }
  return {
    rotate: basis.secrets
      .map(({ project, name }) => ({ project, path: `${project}/${name}` }))
      .filter(({ project, path }) => readByKey.has(path) || hasCell(held, 'Secrets: Manage', project))
      .map(({ path }) => path)
      .sort(compareText),
    rotateKeys: rotateKeys.sort(
      (a, b) => compareText(a.machine, b.machine) || compareText(a.fingerprint, b.fingerprint),
    ),
  };
}
