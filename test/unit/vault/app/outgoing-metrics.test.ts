import { describe, expect, it } from 'vitest';
import { VaultMetrics } from '#vault/app/health.ts';

describe('the metrics of what leaves the vault', () => {
  it('count attempts by outcome, and say how much waits', async () => {
    const { outgoing, registry } = new VaultMetrics();
    outgoing.attempt('mail', 'failed');
    outgoing.attempt('mail', 'failed');
    outgoing.attempt('webhook', 'given-up');
    outgoing.waiting('mail', 3);
    const text = await registry.metrics();
    const name = 'seneschal_vault_server_outgoing';
    expect(text).toContain(`${name}_attempts_total{what="mail",outcome="failed"} 2`);
    expect(text).toContain(`${name}_attempts_total{what="webhook",outcome="given-up"} 1`);
    expect(text).toContain(`${name}_waiting{what="mail"} 3`);
  });
});
