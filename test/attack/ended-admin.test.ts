import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { member, type Person } from '#test/integration/vault/world/people.ts';
import { attack } from './attack.ts';
import { type Outcome, ofAnswer } from './outcome.ts';

const ADMIN = 'alice@acme.example';
const ACCOMPLICE = 'eve@acme.example';
/** Milliseconds until the membership of the admin ends. */
const LASTS = 60 * 60 * 1000;

interface Ending {
  readonly vault: TestVault;
  readonly clock: MovedClock;
  readonly admin: Person;
}

/** What an admin would do who knows that they are about to go; and whether they could come back. */
async function acts({ vault, admin }: Ending): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [method, path, body] of [
    ['PUT', `/members/${ADMIN}/end`, { expiresAt: null }],
    ['PUT', `/members/${ACCOMPLICE}/grants/Main`, { access: 'Write' }],
    ['POST', '/invites', { emails: ['mallory@elsewhere.example'] }],
    ['GET', '/members', undefined],
    ['POST', '/bootstrap-tokens', {}],
  ] as const) {
    outcomes.push(
      ofAnswer(`${method} ${path}`, await admin.ask(method, `/vaults/${vault.vaultId}${path}`, body)),
    );
  }
  return outcomes;
}

attack({
  name: 'acts on by the session that was open when their membership ended, with nothing running but the clock',
  actor: 'Removed member',
  rule: 'M5',
  refused: ['401 NotSignedIn'],
  permittedBy: 'the last millisecond before the end',
  async world(): Promise<Ending> {
    const { vault, clock, boss } = await ownedVault();
    await member(vault, ACCOMPLICE);
    const capabilities = {
      Organization: ['Invite', 'Suspend', 'View members'],
      Machines: ['View', 'Manage'],
    };
    const template = { name: 'all', description: '', capabilities, projectScope: 'All' };
    await boss.ask('POST', `/vaults/${vault.vaultId}/templates`, template);
    const until = { expiresAt: clock.now() + LASTS };
    const admin = await member(vault, ADMIN, { role: 'Admin', template: 'all', ...until });
    return { vault, clock, admin };
  },
  attack: ({ clock }) => clock.advance(LASTS),
  control: ({ clock }) => clock.advance(LASTS - 1),
  calls: acts,
});
