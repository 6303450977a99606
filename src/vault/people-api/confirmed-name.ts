/** What is deleted is confirmed by its name, typed by the person. */
import { z } from '@hono/zod-openapi';
import { DomainError } from '../common/domain-error.ts';

/** The query of what deletes by a name. */
export const confirmedName = z.object({ confirm: z.string().max(128).optional() });

/** Throws DomainError `NotConfirmed` unless the name was typed as it is. */
export function checkConfirmed(typed: string | undefined, name: string): void {
  if (typed === name) return;
  throw new DomainError({
    code: 'NotConfirmed',
    status: 422,
    detail: 'What is deleted is confirmed by typing its name.',
    next: 'Send its exact name as `confirm`.',
  });
}
