/** The routes of both halves of the management plane, as the server answers them. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { VaultContext } from '#vault/act/context.ts';
import { managementApp } from '#vault/app/management.ts';
import { peoplePlane } from '#vault/app/people-plane.ts';
import { DEFAULT_RATES } from '#vault/http/rates.ts';

/** Of automation and of people, in this order. */
export function appsOf(context: VaultContext): readonly OpenAPIHono[] {
  const report = (): void => {};
  const stopping = new AbortController().signal;
  return [
    managementApp({ context, stopping, rate: DEFAULT_RATES.automation, report }),
    peoplePlane(context, { rate: DEFAULT_RATES.people, report, log: { warn: report }, stopping }),
  ] as unknown as OpenAPIHono[];
}
