/** The token of the one command by which a machine registers itself. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { badHost, displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { bootstrapCommands } from './bootstrap-command.ts';
import { createBootstrapToken } from './bootstrap-tokens.ts';

const hostname = displayedName.regex(/^[A-Za-z0-9._-]+$/);

export function bootstrapTokenRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/bootstrap-tokens',
    summary: 'Make a token by which one machine registers itself within ten minutes, to be approved then',
    operation: 'manageMachine',
    body: z.strictObject({
      /** Of the machine; left out, that of its host. */
      name: hostname.optional(),
    }),
    answer: {
      status: 201,
      description:
        'The token is answered once; `command` is what to run on the machine, the others for PowerShell and kubectl.',
      schema: z.object({
        id: z.string(),
        token: z.string(),
        expiresAt: z.int(),
        command: z.string().describe('For sh, openssl and curl.'),
        powershell: z.string(),
        kubernetes: z.string(),
      }),
      isOneTime: true,
    },
    run: async ({ body: { name = null }, c, acting }) => {
      const origin = originOf(c.env.incoming, context.network);
      if (origin === null) throw badHost();
      const created = await acting((act) => createBootstrapToken(act, name));
      const url = `${origin}/v1/bootstrap/${created.token}`;
      const { sh, ...others } = bootstrapCommands(url, context.network.clientCa?.() ?? null);
      return { ...created, command: sh, ...others };
    },
  });
}
