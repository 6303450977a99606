/** `/healthz`, `/readyz` and `/metrics` of the vault server, on a port of their own (design §7). */
import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OutgoingObserver } from '../mail/observer.ts';
import type { RequestObserver } from './server.ts';

export interface HealthServer {
  stop(): Promise<void>;
}

export class VaultMetrics {
  readonly registry = new Registry();
  readonly #requests: Counter<'plane' | 'code'>;
  readonly #seconds: Histogram<'plane'>;
  readonly #attempts: Counter<'what' | 'outcome'>;
  readonly #waiting: Gauge<'what'>;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: 'seneschal_vault_server_requests_total',
      help: 'Requests answered, by plane and status code.',
      labelNames: ['plane', 'code'],
      registers: [this.registry],
    });
    this.#seconds = new Histogram({
      name: 'seneschal_vault_server_request_seconds',
      help: 'Time to answer, by plane. Long polls are part of the management plane.',
      labelNames: ['plane'],
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 30],
      registers: [this.registry],
    });
    this.#attempts = new Counter({
      name: 'seneschal_vault_server_outgoing_attempts_total',
      help: 'Attempts to hand over a mail or a webhook, by outcome: delivered, failed (tried again), given-up.',
      labelNames: ['what', 'outcome'],
      registers: [this.registry],
    });
    this.#waiting = new Gauge({
      name: 'seneschal_vault_server_outgoing_waiting',
      help: 'Mails and webhooks that wait to be handed over.',
      labelNames: ['what'],
      registers: [this.registry],
    });
  }

  readonly observe: RequestObserver = ({ plane, status, seconds }) => {
    this.#requests.inc({ plane, code: String(status) });
    this.#seconds.observe({ plane }, seconds);
  };

  readonly outgoing: OutgoingObserver = {
    attempt: (what, outcome) => this.#attempts.inc({ what, outcome }),
    waiting: (what, count) => this.#waiting.set({ what }, count),
  };
}

/** `unready` says why the server takes no requests now; null: it does. */
export async function startHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  metrics: VaultMetrics,
  unready: () => Promise<string | null>,
): Promise<HealthServer> {
  const server = createServer((incoming, outgoing) => {
    const answer = (status: number, text: string, type = 'text/plain'): void => {
      outgoing.writeHead(status, { 'content-type': type }).end(text);
    };
    const answered = async (): Promise<void> => {
      switch (incoming.url) {
        case '/healthz':
          return answer(200, 'ok');
        case '/readyz': {
          const why = await unready().catch(() => 'the store does not answer');
          return why === null ? answer(200, 'ok') : answer(503, why);
        }
        case '/metrics':
          return answer(200, await metrics.registry.metrics(), metrics.registry.contentType);
        default:
          return answer(404, 'not found');
      }
    };
    answered().catch(() => answer(503, 'failed'));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
