import { loadPrometheus, type Metrics } from '#runtime/runtime.ts';

/** Counts requests to vaults by call (`GET /snapshot`) and status; 0: no answer. */
export async function countVaultRequests(
  registry: Metrics['registry'],
): Promise<(route: string, status: number) => void> {
  const { Counter } = await loadPrometheus();
  const requests = new Counter({
    name: 'seneschal_vault_requests_total',
    help: 'Requests to vaults by call and code; code 0 had no answer.',
    labelNames: ['verb', 'code'],
    registers: [registry],
  });
  return (route, status) => requests.inc({ verb: route, code: String(status) });
}
