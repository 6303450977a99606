import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { failureOf } from '#cli/terminal/failure.ts';
import { ProviderError } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { type DevVault, startDevVault } from '#test/builders/command-line.ts';

let vault: DevVault;
let other: Server;
beforeAll(async () => {
  vault = await startDevVault();
  other = createServer((_, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"code":"Unauthenticated"}');
  });
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready));
});
afterAll(async () => {
  await vault.stop();
  await new Promise((ended) => other.close(ended));
});
afterEach(() => vi.restoreAllMocks());

/** What comes of asking a vault with a clock that is off by so many minutes. */
async function askedWith(minutes: number, url?: string): Promise<ProviderError | null> {
  const credentials = await credentialsOfFolder(join(vault.credentialsDir));
  const address = url === undefined ? credentials.address : { ...credentials.address, url };
  const real = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => real() + minutes * 60_000);
  const provider = connect({ ...credentials, address });
  try {
    await provider.observe(null, new AbortController().signal);
    return null;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  } finally {
    await provider.close();
  }
}

test.each([
  [10, 'more than five minutes ahead of that of the vault'],
  [-10, 'more than five minutes behind that of the vault'],
])('a clock that is off by %d minutes is named as such, with both times', async (minutes, message) => {
  const error = await askedWith(minutes);
  expect(error).toMatchObject({ class: 'Auth', publicMessage: expect.stringContaining(message) });
  expect(error?.publicMessage).not.toMatch(/\d{4}-\d{2}-\d{2}T/);
  const { message: shown, next } = failureOf(error);
  expect(shown).toMatch(/here \d{4}-\S+Z, there \d{4}-\S+Z/);
  expect(next).toContain('Set the clock');
});

test('a clock within five minutes signs', async () => {
  expect(await askedWith(4)).toBeNull();
});

test('credentials that do not count are said to be that, where the clocks agree', async () => {
  const url = `http://localhost:${(other.address() as AddressInfo).port}`;
  const error = await askedWith(0, url);
  expect(failureOf(error).next).toContain('Check --credentials');
});
