/**
 * H1: who brings machines and secrets together holds Machines: Manage, and Secrets: Manage in each project.
 *
 * Decides H1: what attaching a machine, or giving it a key, takes.
 */
import { z } from '@hono/zod-openapi';
import { DEFAULT_MOUNT_PATH } from '#identity/bundle.ts';
import { hasCell } from '#model/access.ts';
import type { MachineProject } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import type { Caller } from '../people-api/caller.ts';
import { displayedName } from '../people-api/people-app.ts';

/** Projects that a machine is in, each with the secrets granted one by one (H2). */
export const machineAccess = z
  .array(z.strictObject({ project: displayedName, secrets: z.array(displayedName).max(1000) }))
  .max(100);

/** The folder that the identity will lie in. */
export const mountPath = z
  .string()
  .max(1024)
  .regex(/^\/[^\p{Cc}]*$/u)
  .default(DEFAULT_MOUNT_PATH);

export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);

/** Fingerprints of a machine's keys, as somebody who decides about the machine knows them. */
export const fingerprints = z.array(fingerprint).max(10).optional();

/** `requireAlso` of a route that declares `attachMachine`. */
export type RequireAttaching = (
  db: Act['db'],
  operation: 'attachMachine',
  project?: string,
) => Promise<unknown>;

/** Who brings a key, as they are under the lock, and what asks whether they may. */
export interface KeyBringer {
  readonly caller: Caller;
  readonly requireAlso: RequireAttaching;
}

/**
 * H1, of a key for a machine that is in these projects: who holds it reads what the machine reads. One that is in none
 * yet takes Secrets: Manage in some project. Throws DomainError `Forbidden`.
 */
export async function authorizeKey(
  act: Act,
  { caller, requireAlso }: KeyBringer,
  access: readonly Pick<MachineProject, 'project'>[],
): Promise<void> {
  if (access.length > 0) {
    await authorizeAttaching(act, requireAlso, access);
    return;
  }
  const somewhere = [...caller.access.projects.keys()].find((project) =>
    hasCell(caller.access, 'Secrets: Manage', project),
  );
  await requireAlso(act.db, 'attachMachine', somewhere);
}

/** Throws DomainError `Forbidden` unless the caller holds Secrets: Manage in every one of the projects. */
export async function authorizeAttaching(
  act: Act,
  requireAlso: RequireAttaching,
  access: readonly Pick<MachineProject, 'project'>[],
): Promise<void> {
  for (const { project } of access) await requireAlso(act.db, 'attachMachine', project);
}
