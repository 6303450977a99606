/** The key of a secret in steps. */
import { refuse } from '../common/domain-error.ts';

/** `project/secret`; names have no slashes. Throws DomainError `Invalid`. */
export function splitKey(key: string): { readonly project: string; readonly secret: string } {
  const [project, secret, ...rest] = key.split('/');
  if (!project || !secret || rest.length > 0) throw refuse('Invalid', `${key} is not project/secret.`);
  return { project, secret };
}
