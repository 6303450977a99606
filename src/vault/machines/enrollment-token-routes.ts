/** Enrollment tokens as people make, see and revoke them. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { addressRange } from '../people-api/address-range.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { segment } from '../people-api/references.ts';
import {
  createEnrollmentToken,
  listEnrollmentTokens,
  MOST_USES,
  revokeEnrollmentToken,
} from './enrollment-tokens.ts';
import { authorizeAttaching, machineAccess } from './machine-scope.ts';

const LONGEST_LIFE = 366 * 24 * 60 * 60;
const lifeSeconds = z.int().min(60).max(LONGEST_LIFE);
const hostnamePattern = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9._*?-]+$/);

const newToken = z.strictObject({
  name: displayedName,
  access: machineAccess.min(1),
  lifeSeconds,
  /** Of each machine, from its enrolment. */
  machineLifeSeconds: lifeSeconds,
  maxUses: z.int().min(1).max(MOST_USES),
  source: addressRange.optional(),
  hostnamePattern: hostnamePattern.optional(),
});

const listed = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['Open', 'Revoked', 'UsedUp', 'Over']),
      createdBy: z.string(),
      createdAt: z.int(),
      expiresAt: z.int(),
      machineLifeSeconds: z.int(),
      maxUses: z.int(),
      uses: z.int(),
      source: z.string().nullable(),
      hostnamePattern: z.string().nullable(),
    }),
  ),
});

export function enrollmentTokenRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/enrollment-tokens',
    summary:
      'Make a token by which machines enrol themselves, approved at once; takes Secrets: Manage in its projects too (H1)',
    operation: 'manageMachine',
    also: ['attachMachine'],
    body: newToken,
    answer: {
      status: 201,
      description: 'The token is answered once.',
      schema: z.object({ id: z.string(), token: z.string(), expiresAt: z.int() }),
      isOneTime: true,
    },
    refuses: [404],
    act: async (act, { body, requireAlso }) => {
      const { lifeSeconds, machineLifeSeconds, source, hostnamePattern, ...fields } = body;
      await authorizeAttaching(act, requireAlso, fields.access);
      return createEnrollmentToken(act, {
        ...fields,
        life: lifeSeconds * 1000,
        machineLife: machineLifeSeconds * 1000,
        source: source ?? null,
        hostnamePattern: hostnamePattern ?? null,
      });
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/enrollment-tokens',
    summary: 'Enrollment tokens, never the tokens themselves',
    operation: 'listMachines',
    answer: { description: 'Newest first.', schema: listed },
    run: async ({ vaultId }) => {
      const tokens = await listEnrollmentTokens(context.reader, vaultId, context.clock.now());
      return {
        tokens: tokens.map(({ machineLife, ...token }) => ({
          ...token,
          machineLifeSeconds: machineLife / 1000,
        })),
      };
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/enrollment-tokens/{tokenId}',
    summary: 'Revoke an enrollment token; machines that enrolled by it stay',
    operation: 'restrictMachine',
    params: { tokenId: segment('Id of the token.') },
    refuses: [404],
    act: (act, { params }) => revokeEnrollmentToken(act, params.tokenId),
  });
}
