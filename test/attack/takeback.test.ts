import { onTestFinished } from 'vitest';
import { TAKE_BACK_WINDOW } from '#model/take-back.ts';
import { RAILS } from '#test/builders/desired.ts';
import { acceptInvite, access, MovedClock, record, startTestVault } from '#test/builders/vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const BOB = 'bob@acme.example';
const NOTHING = { min: 0, max: 0, percent: 0 };
const ADMIN = access({ role: 'Admin' });

attack({
  name: 'demotes an admin beyond the budget, as if that took a raise back',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NotReserved'],
  permittedBy: 'a raise of the last day, which the step takes back to exactly what it replaced',
  async world() {
    const clock = new MovedClock();
    const vault = await startTestVault({ clock });
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const after = { ...RAILS, lossBudget: { ...RAILS.lossBudget, people: NOTHING } };
    await vault.step({ kind: 'ApplySettings', key: vault.vaultId, before: null, after });
    const managed = { record: record('Member', BOB) };
    await vault.step({ kind: 'InviteMember', key: BOB, before: null, after: access() }, managed);
    await acceptInvite(vault, BOB);
    await vault.step({ kind: 'SetMemberAccess', key: BOB, before: access(), after: ADMIN }, managed);
    return { vault, clock };
  },
  attack: ({ clock }) => clock.advance(TAKE_BACK_WINDOW),
  control: ({ clock }) => clock.advance(26_000),
  async calls({ vault }) {
    // Whoever comes later takes the lease anew.
    await vault.lease('acme/acme', 'installation-1');
    const back = { kind: 'SetMemberAccess', key: BOB, before: ADMIN, after: access() } as const;
    return [ofStep('SetMemberAccess', await vault.step(back))];
  },
});
