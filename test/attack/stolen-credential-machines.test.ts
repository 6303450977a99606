import { expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { setValues } from '#test/builders/machine.ts';
import { MANAGER, newIdentity, OWNER, type SignedBy } from '#test/builders/vault.ts';
import { mailsTo } from '#test/integration/vault/world/outbox.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { mailAlerts } from '#vault/alerts/digests.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';
import { ownMachine } from './thief.ts';

const MINUTE = 60_000;
const registering = (key: string) =>
  ({
    action: { kind: 'RegisterMachine', key, before: null, after: {} },
    publicKey: newKeyPair().publicKey.text,
  }) as const;

attack({
  name: 'registers more machines in an hour than its owner let it',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['GainBudgetReached'],
  permittedBy: 'a bound that holds them',
  async world() {
    const { vault } = await ownedVault();
    return vault;
  },
  attack: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { machinesPerHour: 2 }),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { machinesPerHour: 5 }),
  async calls(vault, as: SignedBy) {
    const fence = await vault.lease('acme/acme', 'thief', as);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = await vault.steps(names.map(registering), { as, fence });
    return answers
      .map((answer, index) =>
        ofStep(`RegisterMachine ${names[index]}`, answer.status === 'Refused' ? answer.code : answer.status),
      )
      .slice(2);
  },
});

it('tells the owner of every machine that a thief registers, and of every key without a proof, within a minute (V4)', async () => {
  const { vault, clock } = await ownedVault();
  await setValues(vault, { 'web/cookie': 'planted value' });
  const there = await ownMachine(vault, 'there');
  await mailed();
  const next = newKeyPair();
  for (const name of ['planted-1', 'planted-2']) await ownMachine(vault, name);
  const answer = await vault.stepUnapproved(
    {
      kind: 'AddMachineKey',
      key: 'there',
      before: { fingerprints: [there.keys.publicKey.fingerprint] },
      after: { fingerprint: next.publicKey.fingerprint },
    },
    { publicKey: next.publicKey.text },
  );
  expect(answer).toBe('Done');
  const [mail, ...more] = await mailed();
  expect(more, 'one mail for all of it').toEqual([]);
  expect(mail?.text.split('\n')[2]).toContain(
    'MachineBinding there, a key that no key of the machine vouches for',
  );
  for (const name of ['planted-1', 'planted-2']) {
    expect(mail?.text).toContain(`machine.registered: MachineBinding ${name}`);
    expect(mail?.text).toContain(`automation.machine-granted: MachineBinding ${name}`);
  }

  /** Alerts to the owner since the last call, a minute later. */
  async function mailed() {
    const known = (await mailsTo(vault, OWNER, 'alert')).length;
    clock.advance(MINUTE);
    await vault.lease(MANAGER, 'installation-1');
    await mailAlerts(vault.context);
    const mails = await mailsTo(vault, OWNER, 'alert');
    return mails.slice(0, mails.length - known);
  }
});

it('adds no more keys without a proof than seven days hold: ten of a few machines', async () => {
  const { vault } = await ownedVault();
  await setValues(vault, { 'web/cookie': 'planted value' });
  const answers: string[] = [];
  for (let number = 0; number < 12; number++) {
    const { name, keys } = await ownMachine(vault, `m${number}`);
    const next = newKeyPair();
    answers.push(
      await vault.stepUnapproved(
        {
          kind: 'AddMachineKey',
          key: name,
          before: { fingerprints: [keys.publicKey.fingerprint] },
          after: { fingerprint: next.publicKey.fingerprint },
        },
        { publicKey: next.publicKey.text },
      ),
    );
  }
  expect(answers).toEqual([...Array(10).fill('Done'), 'NeedsApproval', 'NeedsApproval']);
});
