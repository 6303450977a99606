import { expect, test } from 'vitest';
import { countOpen } from '#controllers/open-metrics.ts';
import { createMetrics } from '#runtime/runtime.ts';

test('what is open is summed over the organizations by standing, and goes with an organization', async () => {
  const metrics = await createMetrics();
  const open = await countOpen(metrics.registry);
  open.observe('acme/acme', { held: 2, foreign: 1 });
  open.observe('other/other', { held: 1 });
  expect((await metrics.text()).body).toContain('seneschal_open{standing="Held"} 3');
  open.observe('acme/acme', { foreign: 1 });
  open.forget('other/other');
  const { body } = await metrics.text();
  expect(body).toContain('seneschal_open{standing="Held"} 0');
  expect(body).toContain('seneschal_open{standing="Foreign"} 1');
  expect(body).not.toContain('acme');
});
