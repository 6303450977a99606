/** H1: who brings machines and secrets together holds Machines: Manage, and Secrets: Manage in each project. */
import { z } from '@hono/zod-openapi';
import { DEFAULT_MOUNT_PATH } from '../../identity/bundle.ts';
import type { MachineProject } from '../../model/organization.ts';
import { isAddressRange } from '../addresses.ts';
import type { Act } from '../domain/context.ts';
import { authorized } from './caller.ts';
import { displayedName } from './http.ts';
import type { Session } from './sessions.ts';

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

export const addressRange = z.string().max(64).refine(isAddressRange, 'is no range of addresses');

/** Throws DomainError `Forbidden` unless the caller holds Secrets: Manage in every one of the projects. */
export async function authorizeAttaching(
  act: Act,
  session: Session,
  access: readonly Pick<MachineProject, 'project'>[],
): Promise<void> {
  for (const { project } of access) {
    await authorized(act.db, session, act.vault.id, 'attachMachine', project);
  }
}
