/** What a step or a request gave to anybody, told from the vault before and after by the functions of the model. */
import { accessWhenActive, BEFORE_ALL_ENDS, type EffectiveAccess } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { OrganizationState } from '#model/organization.ts';
import { raisesOfPerson } from '#model/raises.ts';

/**
 * Lines of who came by what: people by effective access, invitees by what they are promised; machines that were there by
 * a new key, and by being answered again; machines and projects with secrets that were there and that a manager has from now
 * on; projects and secrets that a person had deleted.
 */
export function gainedSince(before: OrganizationState, after: OrganizationState): string[] {
  const had = accessOfPeople(before);
  const people = [...accessOfPeople(after)].flatMap(([email, access]) =>
    raisesOfPerson(had.get(email) ?? null, access).map((raise) => `${email}: ${raise}`),
  );
  const machines = new Map(before.machines.map((machine) => [machine.id, machine]));
  const readers = after.machines.flatMap(({ id, name, keys, enabled }) => {
    const was = machines.get(id);
    if (was === undefined) return [];
    const known = new Set(was.keys.map(({ fingerprint }) => fingerprint));
    return [
      ...(keys.some(({ fingerprint }) => !known.has(fingerprint)) ? [`${name}: another key`] : []),
      ...(enabled && !was.enabled ? [`${name}: answered again`] : []),
    ];
  });
  return [...people, ...readers, ...adoptedSince(before, after), ...givenBackSince(before, after)];
}

function givenBackSince(before: OrganizationState, after: OrganizationState): string[] {
  const there = new Set([
    ...after.projects.map(({ name }) => name),
    ...after.secrets.map(({ project, name }) => `${project}/${name}`),
  ]);
  return before.tombstones
    .filter(({ act }) => act === 'ProjectDeleted' || act === 'SecretDeleted')
    .map(({ key, item }) => (item === null ? key : `${key}/${item}`))
    .filter((thing) => there.has(thing))
    .map((thing) => `${thing}: given back`);
}

function adoptedSince(before: OrganizationState, after: OrganizationState): string[] {
  const recorded = new Set(before.records.map(({ kind, key }) => `${kind}/${key}`));
  const there = new Set([
    ...before.machines.map(({ name }) => `MachineBinding/${name}`),
    ...before.secrets.map(({ project }) => `Project/${project}`),
  ]);
  return after.records
    .map(({ kind, key }) => `${kind}/${key}`)
    .filter((id) => there.has(id) && !recorded.has(id))
    .map((id) => `${id}: adopted`);
}

/** By e-mail; who is suspended has none (M1), nor has whose invite ended (I2): either is raised by coming back. */
function accessOfPeople({
  members,
  templates,
  groups,
}: OrganizationState): ReadonlyMap<string, EffectiveAccess> {
  const byName = new Map(templates.map((template) => [template.name, template]));
  return new Map(
    members
      .filter(
        ({ state, invite }) => state !== 'Suspended' && (invite === null || invite.expiresAt > Date.now()),
      )
      .map((member) => [
        member.email,
        accessWhenActive(
          member,
          (name) => byName.get(name),
          groupGrantsOf(groups, member.email),
          BEFORE_ALL_ENDS,
        ),
      ]),
  );
}
