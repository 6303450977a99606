import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { ROOT_KEY, TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { backUp } from '#vault/upkeep/backup.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: 'runs a server on the backup and reads from it, by a machine key written into it',
  actor: 'Holder of a stolen backup',
  rule: 'V5',
  refused: ['503 the vault is sealed: it has no root key, so it can open no value'],
  permittedBy: 'the root key, which is in no backup',
  async world() {
    const { vault } = await ownedVault();
    const ids = await setValues(vault, { 'payments/db': 'planted value' });
    // Whoever has the database writes a key of their own into it.
    const { keys, id } = await newMachine(vault, 'thief', [{ project: 'payments', secrets: ['db'] }]);
    const name = join(vault.folder, 'stolen.db');
    await backUp(vault.database.name, name);
    const stolen = new TestVault({ ...vault, database: { ...vault.database, name } });
    return { stolen, secret: ids['payments/db'] ?? '', keys, id };
  },
  attack: () => [null, new RootKey(Buffer.alloc(32, 8))],
  control: () => [ROOT_KEY],
  async calls({ stolen, secret, keys, id }, rootKeys) {
    const outcomes = [];
    for (const rootKey of rootKeys) {
      const server = await stolen.replica(rootKey);
      onTestFinished(() => server.stop());
      const client = clientOf(stolen.through(server), { id, name: 'thief' }, keys);
      outcomes.push(ofAnswer('GET /v1/secret/{id}', await client.send('GET', `/v1/secret/${secret}`)));
    }
    return outcomes;
  },
});
