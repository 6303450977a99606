import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { takeFaults } from '#test/conformance/judge.ts';

const PROJECTS = '/api/v1/vaults/vault_0123456789abcdef/projects';
const PROBLEM = { type: 'urn:x', title: 'X', status: 418, code: 'Teapot', detail: 'x' };
const LISTED = { projects: [], next: null };

interface Answered {
  readonly status: number;
  readonly type?: string;
  readonly body?: unknown;
}

/** What is found where a server that looks like a vault answers one request so. */
async function foundIn(answer: Answered, method: string, path: string, sent?: unknown) {
  const { status, type, body } = answer;
  const listener: RequestListener = (request, response) => {
    response.setHeader('x-request-id', 'r');
    request.resume().once('end', () => {
      response.writeHead(status, type === undefined ? {} : { 'content-type': type });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const json = { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } };
  await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(sent === undefined ? {} : json) });
  server.close();
  server.closeAllConnections();
  return takeFaults();
}

const listed = (body: object): Answered => ({ status: 200, type: 'application/json', body });

describe('an exchange that the OpenAPI document does not have is found (V2)', () => {
  it.each<[string, { answer: Answered; path?: string; sent?: unknown }, string[]]>([
    ['nothing where all is as it says', { answer: { status: 201 }, sent: { name: 'payments' } }, []],
    [
      'a body that it does not allow and that is taken',
      { answer: { status: 201 }, sent: { name: 'pay/ments' } },
      ['request body at /name must match pattern'],
    ],
    [
      'a field that it does not have',
      { answer: listed({ ...LISTED, more: 1 }) },
      ['answer must NOT have additional properties: more'],
    ],
    [
      'a field that is missing',
      { answer: listed({ projects: [] }) },
      ["answer must have required property 'next'"],
    ],
    [
      'a status that is not listed',
      { answer: { status: 418, type: 'application/problem+json', body: PROBLEM } },
      ['answered 418: the status is not listed'],
    ],
    [
      'a refusal in another form',
      { answer: { status: 403, type: 'application/json', body: { error: 'no' } } },
      ['the answer is application/json, which is not listed'],
    ],
    [
      'a path that it does not allow and that is taken',
      { answer: listed(LISTED), path: '/api/v1/vaults/none/projects' },
      ['path at /vaultId must match pattern'],
    ],
    [
      'a query that it does not allow and that is taken',
      { answer: listed(LISTED), path: `${PROJECTS}?limit=9999` },
      ['query at /limit must be <= 500'],
    ],
    [
      'a query that it does not have',
      { answer: listed(LISTED), path: `${PROJECTS}?more=1` },
      ['the query has what the document has not: more'],
    ],
    [
      'a route that it does not have',
      { answer: listed({}), path: '/api/v1/elsewhere' },
      ['there is no such operation'],
    ],
  ])('%s', async (_, { answer, path = PROJECTS, sent }, expected) => {
    const faults = await foundIn(answer, sent === undefined ? 'GET' : 'POST', path, sent);
    expect(faults).toEqual(expected.map((part) => expect.stringContaining(part)));
  });

  it('without what was sent or answered', async () => {
    const faults = await foundIn({ status: 201 }, 'POST', PROJECTS, { name: 'secret/value' });
    expect(faults).toHaveLength(1);
    expect(faults.join()).not.toContain('secret');
  });
});
