/** The OpenAPI document of a vault server as it stands in the sources, for what is generated from it. */
import { managementApp } from '#vault/app/management.ts';
import { openApiDocument } from '#vault/app/openapi.ts';
import { peoplePlane } from '#vault/app/people-plane.ts';
import { makeContext } from '#vault/app/vault-context.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { DEFAULT_RATES } from '#vault/http/rates.ts';
import { openStore } from '#vault/store/store.ts';

export async function vaultDocument(): Promise<object> {
  const store = await openStore(':memory:', 0);
  const context = makeContext({ store, cipher: new SecretCipher(null) });
  const stopping = new AbortController().signal;
  const report = (): void => {};
  const apps = [
    managementApp({ context, stopping, rate: DEFAULT_RATES.automation, report }),
    peoplePlane(context, { rate: DEFAULT_RATES.people, report, log: { warn: () => {} }, stopping }),
  ];
  const document = openApiDocument(apps);
  await store.close();
  return document;
}
