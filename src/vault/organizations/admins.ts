/** O4: admins are appointed and dismissed by the owner. */
import { normalizeEmail } from '../../model/organization.ts';
import type { Act } from '../domain/context.ts';
import { refuse } from '../domain/domain-error.ts';
import { checkNotOwner, memberNamed } from '../domain/members.ts';
import { appliedSettings } from '../domain/settings.ts';

/**
 * Gives a member the role; template, scope and grants stay. Throws DomainError `NotFound`, `Invalid` where it is theirs
 * already, `Floor` for the owner and for who must stay an admin (rail 3).
 */
export async function setRole(act: Act, address: string, role: 'Admin' | 'Member'): Promise<void> {
  const email = normalizeEmail(address);
  const { row } = await memberNamed(act, email);
  checkNotOwner(email, row.role);
  if (row.role === role) {
    throw refuse('Invalid', role === 'Admin' ? `${email} is an admin already.` : `${email} is no admin.`);
  }
  if (role === 'Member' && appliedSettings(act.vault)?.requiredAdmins.includes(email) === true) {
    throw refuse(
      'Floor',
      `${email} is a required admin.`,
      'Take them out of rails.requiredAdmins in Git first.',
    );
  }
  await act.db.updateTable('members').set({ role }).where('id', '=', row.id).execute();
  await act.audit({
    action: role === 'Admin' ? 'admin.appointed' : 'admin.dismissed',
    subject: { kind: 'Member', key: email },
  });
}
