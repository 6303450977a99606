import { expect, test } from 'vitest';
import { refusedWith } from '#engine/execution.ts';
import { resource } from '#test/builders/resources.ts';
import { World } from './world.ts';

const member = (name: string) => resource('Member', name, { email: `${name}@acme.example` });

test('an object that the vault refuses stops no other, and is answered with cause and next step', async () => {
  await using world = await World.start({
    automation: { abilities: ['members:manage', 'organization:settings'] },
  });
  const result = await world.pass([member('alice'), resource('Project', 'payments', {}), member('bob')]);
  const refused = [...result.answers].filter(([, answer]) => answer.status === 'Refused');
  expect(refused).toHaveLength(1);
  expect(refusedWith(refused[0]?.[1])).toBe('Forbidden');
  expect(refused[0]?.[1]).toMatchObject({ message: expect.any(String), next: expect.any(String) });
  const emails = (await world.vault.snapshot()).members.map(({ email }) => email);
  expect(emails).toEqual(['alice@acme.example', 'bob@acme.example', 'owner@acme.example']);
});

test('a pass that was killed after the vault had taken its steps finds nothing left to do', async () => {
  await using world = await World.start();
  const objects = [member('alice'), member('bob')];
  const input = world.input(objects);
  const killed = new Proxy(input.provider, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'execute') return value.bind(target);
      return async (...args: unknown[]) => {
        await value.apply(target, args);
        throw new Error('killed');
      };
    },
  });
  await expect(world.pass(objects, { provider: killed })).rejects.toThrow('killed');
  const result = await world.pass(objects);
  expect(result).toMatchObject({ writes: 0, plan: { steps: [] } });
  const { members } = await world.vault.snapshot();
  expect(members.map(({ invite }) => invite?.attempts ?? null)).toEqual([1, 1, null]);
});

test('a pass that moves the head proves that it follows the anchor, and keeps it (A3)', async () => {
  await using world = await World.start();
  await world.pass([member('alice')]);
  world.requests.length = 0;
  const result = await world.pass([member('alice'), member('bob')]);
  expect(world.requests).toEqual([
    'GET /snapshot 304',
    'POST /steps 200',
    'GET /snapshot 200',
    'GET /audit/proof 200',
  ]);
  expect(result.anchor).toEqual(result.observation.volatile.head);
});
