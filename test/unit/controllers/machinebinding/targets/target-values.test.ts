import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ChosenTarget } from '#controllers/machinebinding/targets/target-check.ts';
import { readValues } from '#controllers/machinebinding/targets/target-values.ts';
import type { TargetWorld } from '#controllers/machinebinding/targets/target-world.ts';
import { SecretValue } from '#model/secret-value.ts';
import { syncRequest } from '#protocol/schemas.ts';
import type { SyncClaim, SyncedMachine } from '#provider/provider.ts';

const machine = { machineId: 'm1', approved: true, enabled: true, keys: [], fingerprints: [], secrets: [] };
const { privateKey } = generateKeyPairSync('ed25519');

/** A vault that answers each secret but `sk_7`, and refuses what its schema refuses. */
function vault() {
  const asked: number[] = [];
  const sync = async ({ machineId, secrets }: SyncClaim): Promise<SyncedMachine> => {
    const proof = { timestamp: '1', nonce: 'n', proof: 'p' };
    expect(syncRequest.safeParse({ machines: [{ machineId, secrets, ...proof }] }).success).toBe(true);
    asked.push(secrets.length);
    const value = new SecretValue('x');
    const answered = secrets.filter((id) => id !== 'sk_7');
    return {
      machineId,
      error: null,
      secrets: answered.map((id) => ({ id, name: id, projectId: 'p', version: 1, value })),
      refused: secrets.includes('sk_7') ? [{ id: 'sk_7', reason: 'NotGranted' }] : [],
    };
  };
  const world = {
    privateKey: async () => privateKey,
    values: { check: () => undefined, sync },
    sawVersions: () => undefined,
  };
  return { asked, world: world as unknown as TargetWorld };
}

const target = (ids: readonly string[]) =>
  ({
    sources: ids.map((id) => ({ name: id, id, version: 1 })),
    present: undefined,
  }) as unknown as ChosenTarget;

test('values of many targets are asked for in as few claims as the vault takes, each value once', async () => {
  const { asked, world } = vault();
  const ids = Array.from({ length: 2_500 }, (_, at) => `sk_${at}`);
  const read = await readValues(machine, world, [target(ids), target(ids.slice(0, 10))]);
  expect(asked).toEqual([1_000, 1_000, 500]);
  expect(read.problem).toBeUndefined();
  expect(read.problem === undefined && read.answered.values.size).toBe(2_499);
  expect(read.problem === undefined && [...read.answered.refused]).toEqual([['sk_7', 'NotGranted']]);
});

test('a target whose every value is kept asks the vault for nothing', async () => {
  const { asked, world } = vault();
  await readValues(machine, world, [target([])]);
  expect(asked).toEqual([]);
});
