/** Writes docs/openapi.json out of the route schemas; CI fails where that changes the tree. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { makeContext } from '#vault/domain/vault-context.ts';
import { managementApp } from '#vault/http/management.ts';
import { openApiDocument } from '#vault/openapi.ts';
import { peoplePlane } from '#vault/people/people-plane.ts';
import { DEFAULT_RATES } from '#vault/rates.ts';
import { openStore } from '#vault/store/store.ts';

const store = await openStore(':memory:', 0);
const context = makeContext({ store, cipher: new SecretCipher(null) });
const stopping = new AbortController().signal;
const report = (): void => {};
const apps = [
  managementApp({ context, stopping, rate: DEFAULT_RATES.automation, report }),
  peoplePlane(context, { rate: DEFAULT_RATES.people, report, log: { warn: () => {} }, stopping }),
];
await writeFile(
  join(import.meta.dirname, '..', 'docs', 'openapi.json'),
  `${JSON.stringify(openApiDocument(apps), null, 2)}\n`,
);
await store.close();
