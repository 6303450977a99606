import { createRoute, z } from '@hono/zod-openapi';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import type { OutgoingSettings } from '../act/outgoing-settings.ts';
import { DomainError } from '../common/domain-error.ts';
import { originOf } from '../http/network.ts';
import { mailsOfVault, wholeMails } from '../mail/mail-list.ts';
import { authorized } from '../people-api/caller.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import type { Account } from '../sessions/accounts.ts';

const query = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });

const listed = z.object({
  kind: z.string(),
  recipient: z.string(),
  state: z.enum(['Waiting', 'Sent', 'NotSent']),
  attempts: z.int(),
  lastError: z.string().nullable(),
  createdAt: z.int(),
  nextAttemptAt: z.int().nullable(),
  sentAt: z.int().nullable(),
});

const ofVault = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/mails',
  summary: 'Mails of the vault and what became of them, newest first; never their text',
  security: bearer,
  request: { params: z.object({ vaultId }), query },
  responses: {
    200: { description: 'Of thirty days.', content: json(z.object({ mails: z.array(listed) })) },
    ...refusals,
  },
});

const outbox = createRoute({
  method: 'get',
  path: '/api/v1/mails',
  summary:
    'Mails to my address with their text, and all of them for whom the configuration names; only on a server that keeps them instead of sending them (development)',
  security: bearer,
  request: { query },
  responses: {
    200: {
      description: 'Newest first.',
      content: json(z.object({ mails: z.array(listed.extend({ subject: z.string(), text: z.string() })) })),
    },
    ...refusals,
  },
});

export function mailRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(ofVault, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listMails');
    const { limit } = c.req.valid('query');
    return c.json({ mails: await mailsOfVault(context.reader, vaultId, limit) }, 200);
  });
  app.openapi(outbox, async (c) => {
    const { account } = await signedIn(c, context);
    if (context.outgoing.mail !== 'outbox') throw noOutbox();
    const { limit } = c.req.valid('query');
    const vaultAddress = originOf(c.env.incoming, context.network) ?? '';
    c.header('cache-control', 'no-store');
    const to = readsAll(context.outgoing, account) ? null : account.emailVerified ? account.email : '';
    return c.json({ mails: await wholeMails(context.reader, to, limit, vaultAddress) }, 200);
  });
}

/** Mails hold tokens: who reads those of others is named by whoever runs the server. */
function readsAll({ outboxReaders }: OutgoingSettings, { email, emailVerified }: Account): boolean {
  return emailVerified && outboxReaders.some((reader) => normalizeEmail(reader) === email);
}

function noOutbox(): DomainError {
  return new DomainError({
    code: 'NoOutbox',
    status: 404,
    detail: 'This server sends its mails.',
    next: 'The owner sees what became of them at GET /api/v1/vaults/{vaultId}/mails.',
  });
}
