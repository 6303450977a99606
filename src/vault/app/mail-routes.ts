import { z } from '@hono/zod-openapi';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import type { OutgoingSettings } from '../act/outgoing-settings.ts';
import { DomainError } from '../common/domain-error.ts';
import { originOf } from '../http/network.ts';
import { mailsOfVault, wholeMails } from '../mail/mail-list.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addAccountRoute, addPeopleRoute } from '../people-api/people-route.ts';
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

export function mailRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/mails',
    summary: 'Mails of the vault and what became of them, newest first; never their text',
    operation: 'listMails',
    query,
    answer: { description: 'Of thirty days.', schema: z.object({ mails: z.array(listed) }) },
    run: async ({ vaultId, query }) => ({ mails: await mailsOfVault(context.reader, vaultId, query.limit) }),
  });

  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/mails',
    summary:
      'Mails to my address with their text, and all of them for whom the configuration names; only on a server that keeps them instead of sending them (development)',
    query,
    answer: {
      description: 'Newest first.',
      schema: z.object({ mails: z.array(listed.extend({ subject: z.string(), text: z.string() })) }),
      isOneTime: true,
    },
    refuses: [404],
    run: async ({ session: { account }, query, c }) => {
      if (context.outgoing.mail !== 'outbox') throw noOutbox();
      const vaultAddress = originOf(c.env.incoming, context.network) ?? '';
      const to = readsAll(context.outgoing, account) ? null : account.emailVerified ? account.email : '';
      return { mails: await wholeMails(context.reader, to, query.limit, vaultAddress) };
    },
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
