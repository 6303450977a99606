import type { Act } from '../act/context.ts';

/** Whether automation brought the machine, whichever identity it was. */
export async function isRegisteredByAutomation(act: Act, machineId: string): Promise<boolean> {
  const row = await act.db
    .selectFrom('automation_registrations')
    .select('machine_id')
    .where('machine_id', '=', machineId)
    .executeTakeFirst();
  return row !== undefined;
}
