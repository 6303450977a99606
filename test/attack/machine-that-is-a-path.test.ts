import { newKeyPair } from '#identity/key-pair.ts';
import { setValues } from '#test/builders/machine.ts';
import { record, send } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer, ofStep } from './outcome.ts';

const refusedField = (field: string, longest: number): string =>
  `400 ${field} must be a text of 1 to ${longest} characters; it must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends`;

attack({
  name: 'brings a machine by a token, under a name by which nobody can disable or revoke it',
  actor: 'Machine',
  rule: 'V7',
  refused: [refusedField('name', 128), refusedField('hostname', 253), '400 InvalidRequest', 'Invalid'],
  permittedBy: 'a name that is one segment of a path',
  async world() {
    const { vault, boss } = await ownedVault();
    await setValues(vault, { 'web/cookie': 'c1' });
    const { body } = await boss.ask<{ token: string }>('POST', `/vaults/${vault.vaultId}/enrollment-tokens`, {
      name: 'runners',
      access: [{ project: 'web', secrets: ['cookie'] }],
      lifeSeconds: 3600,
      machineLifeSeconds: 3600,
      maxUses: 20,
    });
    return { vault, boss, token: body.token };
  },
  attack: () => ['.', '..', 'x/..', 'x\\..\\..'],
  control: () => ['...'],
  async calls({ vault, boss, token }, names: readonly string[]) {
    const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
    const enrol = (more: object) =>
      send(
        vault.server.port,
        'POST',
        `/v1/${vault.vaultId}/enroll/register`,
        JSON.stringify({ token, publicKey: newKeyPair().publicKey.text, hostname: 'runner-1', ...more }),
        { 'content-type': 'application/json', host: `localhost:${vault.server.port}` },
      );
    const revoked = async (name: string): Promise<void> => {
      await boss.ask('DELETE', at(`/machines/${encodeURIComponent(name)}`));
    };
    const outcomes = [];
    for (const name of names) {
      const said = await vault.step(
        { kind: 'RegisterMachine', key: name, before: null, after: {} },
        { publicKey: newKeyPair().publicKey.text, record: record('MachineBinding', name) },
      );
      outcomes.push(ofStep('RegisterMachine', said));
      // What a person revokes is not made again by Git.
      await revoked(name);
      outcomes.push(ofAnswer('enrol', await enrol({ name })));
      await revoked(name);
      outcomes.push(ofAnswer('enrol by a host', await enrol({ hostname: name })));
      await revoked(name);
      outcomes.push(ofAnswer('POST machine', await boss.ask('POST', at('/machines'), { name })));
      await revoked(name);
      outcomes.push(ofAnswer('POST token', await boss.ask('POST', at('/bootstrap-tokens'), { name })));
    }
    const { body } = await boss.ask<{ machines: { name: string; enabled: boolean }[] }>(
      'GET',
      at('/machines'),
    );
    if (body.machines.some(({ enabled }) => enabled)) throw new Error('a machine reads on');
    return outcomes;
  },
});
