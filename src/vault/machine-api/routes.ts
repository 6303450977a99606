/** The calls of the machine plane by method and path. */
import {
  type Call,
  exportSecrets,
  listProject,
  listProjectsForCli,
  listSecrets,
  listSecretsForCli,
  pollSecrets,
  readSecret,
  verifyAccess,
} from './calls.ts';

export interface Route {
  /** As the audit log and the metrics show it: no id in it. */
  readonly name: string;
  readonly call: Call;
  readonly isPoll: boolean;
}

const FIXED: ReadonlyMap<string, Route> = new Map(
  (
    [
      ['GET /v1/secrets', listSecrets],
      ['POST /v1/secrets/list', listProject],
      ['POST /v1/secrets/export', exportSecrets],
      ['POST /v1/secrets/poll', pollSecrets],
      ['GET /v1/cli/projects', listProjectsForCli],
      ['GET /v1/cli/secrets', listSecretsForCli],
      ['POST /v1/verify-access', verifyAccess],
    ] as const
  ).map(([name, call]) => [name, { name, call, isPoll: call === pollSecrets }]),
);

const SECRET = '/v1/secret/';

/** The route of a raw request target, its query aside; null where there is none. */
export function routeOf(method: string, target: string): Route | null {
  const path = target.split('?', 1)[0] ?? '';
  const fixed = FIXED.get(`${method} ${path}`);
  if (fixed !== undefined) return fixed;
  if (method !== 'GET' || !path.startsWith(SECRET)) return null;
  const id = decoded(path.slice(SECRET.length));
  if (id === null || id === '' || id.includes('/')) return null;
  return { name: 'GET /v1/secret/{id}', call: readSecret(id), isPoll: false };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
