/** An outage, with a clock that the test moves: how often a vault is asked, and how soon after its return it goes on. */
import { describe, expect, it } from 'vitest';
import { VaultProbes } from '#controllers/organization/vault-probes.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function outage(organizations: readonly string[], url = 'https://vault.test') {
  const clock = new FakeClock(0);
  const leading = new AbortController();
  const probes = new VaultProbes(
    clock,
    () => leading.signal,
    () => {},
  );
  const vault = { away: true, asked: 0 };
  const back: string[] = [];
  const provider = {
    address: { url, vaultId: 'v' },
    answers: async () => {
      vault.asked += 1;
      return !vault.away;
    },
  };
  const lose = (organization: string): void =>
    probes.lost(organization, provider, () => back.push(`${organization} at ${clock.now()}`));
  for (const organization of organizations) lose(organization);
  return { clock, leading, probes, vault, back, lose };
}

describe('a vault that is not reached', () => {
  it.each([
    ['ten minutes', 10 * MINUTE],
    ['an hour', 60 * MINUTE],
  ])('has what waits for it go on within two seconds of its return after %s', async (_, length) => {
    const { clock, vault, back } = outage(['a', 'b']);
    await clock.advance(length + 300);
    expect(back).toEqual([]);
    vault.away = false;
    await clock.advance(2 * SECOND);
    expect(back.map((told) => told.split(' ')[0])).toEqual(['a', 'b']);
    await clock.advance(MINUTE);
    expect(back).toHaveLength(2);
  });

  it('is asked once a second, however many organizations it has and however often they say so', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `organization-${index}`);
    const { clock, vault, lose } = outage(many);
    await clock.advance(30 * SECOND);
    for (const organization of many) lose(organization);
    await clock.advance(30 * SECOND);
    expect(vault.asked).toBe(60);
  });

  it('is asked no more once it answered, or nobody waits for it, or this process does not lead', async () => {
    const one = outage(['a']);
    one.vault.away = false;
    const two = outage(['a']);
    two.probes.heard('a');
    const three = outage(['a']);
    three.leading.abort();
    for (const { clock, vault } of [one, two, three]) {
      await clock.advance(5 * SECOND);
      const { asked } = vault;
      await clock.advance(MINUTE);
      expect(vault.asked).toBe(asked);
      expect(asked).toBeLessThanOrEqual(1);
    }
  });

  it('that answers and fails again is believed less and less, until it was heard', async () => {
    const { clock, vault, back, lose, probes } = outage([]);
    vault.away = false;
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const from = clock.now();
      lose('a');
      while (back.length === round) await clock.advance(SECOND);
      times.push((clock.now() - from) / SECOND);
    }
    expect(times).toEqual([1, 2, 4, 8, 16]);
    probes.heard('a');
    const from = clock.now();
    lose('a');
    while (back.length === 5) await clock.advance(SECOND);
    expect(clock.now() - from).toBe(SECOND);
  });

  it('is heard by all though one of them trusts a wrong authority and gets no answer', async () => {
    const { clock, vault, back, probes } = outage(['misled', 'a', 'b']);
    probes.heard('misled');
    probes.heard('a');
    probes.heard('b');
    const address = { url: 'https://vault.test', vaultId: 'v' };
    const never = { address, answers: async () => false };
    const fine = { address, answers: async () => !vault.away };
    probes.lost('misled', never, () => back.push('misled'));
    for (const organization of ['a', 'b']) probes.lost(organization, fine, () => back.push(organization));
    await clock.advance(10 * SECOND);
    vault.away = false;
    await clock.advance(4 * SECOND);
    expect(back).toEqual(expect.arrayContaining(['a', 'b']));
  });

  it('is asked nothing while nobody would believe the answer', async () => {
    const { clock, vault, back, lose } = outage([]);
    vault.away = false;
    for (let round = 0; round < 4; round++) {
      lose('a');
      while (back.length === round) await clock.advance(SECOND);
    }
    const { asked } = vault;
    lose('a');
    await clock.advance(10 * SECOND);
    expect(vault.asked).toBe(asked);
  });
});
