import { expect, it } from 'vitest';
import { OWNER, startTestVault } from '#test/builders/vault.ts';
import { askNobody, owner } from '../world/people.ts';

it('a server without mail refuses what lives by a token that is mailed, and says who can help', async () => {
  await using vault = await startTestVault({ outgoing: { mail: null } });
  const boss = await owner(vault);
  const answers = [
    await askNobody(vault, 'POST', '/password-resets', { email: OWNER }),
    await boss.ask('POST', '/me/email', { email: 'new@acme.example' }),
  ];
  for (const { status, body } of answers) {
    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'NoMailServer' })]);
    expect(body.next).toContain('Whoever runs it');
  }
  expect(await vault.context.reader.selectFrom('mails').selectAll().execute()).toEqual([]);
});
