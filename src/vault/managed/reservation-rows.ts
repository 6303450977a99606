/** Rail 1: reservations as they are stored. */
import type { Kysely } from 'kysely';
import type { LossClass, Reservation } from '#model/loss.ts';
import { byText } from '../common/scope.ts';
import type { Database, ReservationTable } from '../store/schema.ts';

/** The open reservations of a vault: neither over nor used up. */
export async function openReservations(
  db: Kysely<Database>,
  vaultId: string,
  now: number,
): Promise<Reservation[]> {
  const rows = await db
    .selectFrom('reservations')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('expires_at', '>', now)
    .execute();
  const reservations: Reservation[] = [];
  for (const row of rows) {
    const steps = await db
      .selectFrom('reserved_steps')
      .select('step_hash')
      .where('reservation_id', '=', row.id)
      .execute();
    if (steps.length > 0) {
      reservations.push(
        reservationOf(
          row,
          steps.map(({ step_hash }) => step_hash),
        ),
      );
    }
  }
  return reservations.sort((a, b) => a.createdAt - b.createdAt || byText(a.id, b.id));
}

export function reservationOf(row: ReservationTable, stepHashes: readonly string[]): Reservation {
  return {
    id: row.id,
    class: row.class as LossClass,
    digest: row.digest,
    stepHashes: [...stepHashes].sort(byText),
    approved: row.approved === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
