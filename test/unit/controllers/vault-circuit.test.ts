/** Bindings of one organization, a vault that fails and answers again, and a clock that the test moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VaultAwayError, VaultCircuit } from '#controllers/vault-circuit.ts';
import { ProviderError } from '#provider/provider.ts';
import { FakeClock, settle } from '#test/fakes/kube-clock.ts';

const SECOND = 1_000;

function away(code: ProviderError['class'] = 'Transient'): ProviderError {
  return new ProviderError({ class: code, code: 'Unreachable', publicMessage: 'the vault does not answer' });
}

/** `keys` bindings that ask until they have their values, each woken by the circuit alone after its first time. */
function bindings(keys: readonly string[]) {
  const clock = new FakeClock(0);
  const vault = { isAway: true, asked: [] as string[] };
  const done = new Set<string>();
  const said: string[] = [];
  const run = async (key: string): Promise<void> => {
    try {
      await circuit.through(key, async () => {
        vault.asked.push(key);
        if (vault.isAway) throw away();
      });
      done.add(key);
    } catch (error) {
      if (!(error instanceof VaultAwayError)) throw error;
    }
  };
  const circuit: VaultCircuit = new VaultCircuit(
    clock,
    {
      wake: (key) => void run(key),
      away: (reason, waiting) => said.push(`${reason} ${waiting} at ${clock.now() / SECOND}`),
      back: (waiting) => said.push(`back ${waiting}`),
    },
    () => 1,
  );
  const start = async () => {
    for (const key of keys) void run(key);
    await settle();
  };
  return { circuit, clock, vault, done, said, run, start };
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `team/b${n}`);

describe('the circuit of a vault', () => {
  it('lets nobody ask while it is open but one in its time: 1 s, doubled up to 30 s', async () => {
    const { clock, vault, start, run } = bindings(names(1_000));
    vault.asked.length = 0;
    await run('team/first');
    await start();
    expect(vault.asked).toEqual(['team/first']);
    await clock.advance(120 * SECOND);
    // At 1, 3, 7, 15, 31, 61 and 91 s.
    expect(vault.asked).toHaveLength(8);
  });

  it('wakes all who wait as soon as one call goes through', async () => {
    const keys = names(1_000);
    const { circuit, clock, vault, done, start } = bindings(keys);
    await start();
    await clock.advance(65 * SECOND);
    vault.isAway = false;
    circuit.answered();
    await settle();
    expect(done.size).toBe(keys.length);
  });

  it('tries one alone where the vault answers others and such calls fail still', async () => {
    const { circuit, clock, vault, done, start } = bindings(names(100));
    await start();
    const before = vault.asked.length;
    for (let turn = 0; turn < 10; turn += 1) {
      circuit.answered();
      await settle();
    }
    expect(vault.asked.length - before).toBe(10);
    expect(done.size).toBe(0);
    vault.isAway = false;
    await clock.advance(30 * SECOND);
    expect(done.size).toBe(100);
  });

  it('tries another one where the one that was woken asks for nothing any more', async () => {
    const { circuit, clock, vault, done, start } = bindings(names(2));
    await start();
    vault.isAway = false;
    circuit.forget('team/b0');
    await clock.advance(2 * SECOND);
    expect([...done]).toEqual(['team/b1']);
  });

  it('says once a minute that the vault is away, and once that it is back', async () => {
    const { clock, vault, said, start } = bindings(names(10));
    await start();
    await clock.advance(100 * SECOND);
    expect(said).toHaveLength(2);
    vault.isAway = false;
    await clock.advance(30 * SECOND);
    expect(said.slice(2)).toEqual(['back 9']);
  });

  it.each(['Auth', 'Refused', 'Gone', 'Conflict', 'RateLimited'] as const)(
    'takes %s for an answer, which the binding gets as it is',
    async (code) => {
      const { circuit, run, done } = bindings([]);
      const refusal = away(code);
      await expect(circuit.through('team/a', () => Promise.reject(refusal))).rejects.toBe(refusal);
      await run('team/b');
      expect(done.size).toBe(0);
      await expect(circuit.through('team/c', async () => 'value')).rejects.toBeInstanceOf(VaultAwayError);
    },
  );

  it('forgets nobody, however outages, answers and news come (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.record({ do: fc.constant('ask' as const), key: fc.nat(20) }),
            fc.record({ do: fc.constantFrom('fail' as const, 'mend' as const, 'answer' as const) }),
            fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }),
          ),
          { maxLength: 60 },
        ),
        async (acts) => {
          const { circuit, clock, vault, done, run } = bindings([]);
          vault.isAway = false;
          const asked = new Set<string>();
          for (const act of acts) {
            if (act.do === 'fail') vault.isAway = true;
            else if (act.do === 'mend') vault.isAway = false;
            else if (act.do === 'answer') circuit.answered();
            else if (act.do === 'wait') await clock.advance(act.ms);
            else if (act.do === 'ask') {
              asked.add(`team/b${act.key}`);
              done.delete(`team/b${act.key}`);
              void run(`team/b${act.key}`);
            }
            await settle();
          }
          vault.isAway = false;
          await clock.advance(61 * SECOND);
          expect([...done].sort()).toEqual([...asked].sort());
        },
      ),
    );
  });
});
