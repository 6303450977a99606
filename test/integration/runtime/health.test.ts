import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics, parseAddress, type Ready, serveHealth } from '#runtime/runtime.ts';

test('healthz, readyz with what is missing, and metrics without any object’s name', async () => {
  const metrics = await createMetrics();
  let ready: Ready = { ready: false, because: ['the cache of things is not synced'] };
  const server = await serveHealth({ host: '127.0.0.1', port: 0 }, { ready: () => ready, metrics });
  onTestFinished(() => server.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
  expect(await get('/readyz')).toEqual({ status: 503, text: 'the cache of things is not synced\n' });
  ready = { ready: true };
  expect(await get('/readyz?verbose')).toEqual({ status: 200, text: 'ok\n' });
  expect((await get('/other')).status).toBe(404);

  metrics.observeReconcile('Organization', 'success', 20);
  metrics.observeQueueWait('Organization', 'high', 3);
  metrics.countKubeRequest({
    verb: 'apply',
    resource: 'things',
    namespace: 'n',
    name: 'acme',
    code: 200,
    ms: 1,
  });
  metrics.setLeader(true);
  metrics.onScrape(() => [['things', 12]]);
  const { text } = await get('/metrics');
  expect(text).toContain(
    'seneschal_reconcile_duration_seconds_count{kind="Organization",result="success"} 1',
  );
  expect(text).toContain('seneschal_queue_wait_seconds_count{kind="Organization",class="high"} 1');
  expect(text).toContain('seneschal_kubernetes_requests_total{verb="apply",code="200"} 1');
  expect(text).toContain('seneschal_watch_age_seconds{resource="things"} 12');
  expect(text).toContain('seneschal_leader 1');
  expect(text).not.toContain('acme');
});

test('an address is HOST:PORT and nothing else', () => {
  expect(parseAddress('127.0.0.1:8081')).toEqual({ host: '127.0.0.1', port: 8081 });
  expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(parseAddress(':8081')).toEqual({ host: '::', port: 8081 });
  for (const wrong of ['8081', 'host', '::1:80', 'host:70000', 'host:'])
    expect(() => parseAddress(wrong)).toThrow(RangeError);
});

test('the probes of the chart ask for paths that are served', async () => {
  const server = await serveHealth({ host: '127.0.0.1', port: 0 }, { ready: () => ({ ready: true }) });
  onTestFinished(() => server.close());
  const chart = join(import.meta.dirname, '../../../charts/seneschal/templates/deployment.yaml');
  const paths = [...(await readFile(chart, 'utf8')).matchAll(/path: (\/\S+)/g)].map(([, path]) => path);
  expect(paths).toHaveLength(2);
  for (const path of paths) {
    expect((await fetch(`http://127.0.0.1:${server.port}${path}`)).status, path).toBe(200);
  }
});
