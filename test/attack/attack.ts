/**
 * A scenario: one attack on running programs, and its control. Both make the same calls; the control has the one thing
 * that permits them, and goes through, so that no attack is refused only because its requests were malformed.
 */
import { describe, expect, test } from 'vitest';
import { RULES } from '#scripts/rules-table.ts';
import type { Actor } from './actors.ts';
import { faultsOf, type Half, type Outcome } from './outcome.ts';

export interface Scenario<World, Means> {
  /** A sentence of what is tried: `reads the secrets of another vault by their ids`. */
  readonly name: string;
  readonly actor: Actor;
  /** Id of the rule that refuses it, as docs/rules.md has it: `V3`, `rail 2`. */
  readonly rule: string;
  /** What each call is refused with: `403 NotAMember`, a condition's reason, an exit code. Each has to occur. */
  readonly refused: readonly [string, ...string[]];
  /** The one thing that the control has and the attack has not, in words. */
  readonly permittedBy: string;
  /** What runs, made anew for each half; goes at the test's end by `onTestFinished`. */
  world(): Promise<World>;
  /** What the attacker comes with. */
  attack(world: World): Means | Promise<Means>;
  /** The same, with what permits it. */
  control(world: World): Means | Promise<Means>;
  /** The calls of both. What one was refused with, it was refused with; going on after that is up to the scenario. */
  calls(world: World, means: Means): Promise<readonly Outcome[]>;
}

/** What the table is made from. */
export interface AttackMeta {
  readonly half: Half;
  readonly name: string;
  readonly actor: Actor;
  readonly rule: string;
  readonly permittedBy: string;
  /** Empty where the half broke off. */
  readonly outcomes: readonly Outcome[];
}

declare module 'vitest' {
  interface TaskMeta {
    attack?: AttackMeta;
  }
}

const RULE_IDS = new Set(RULES.flatMap(({ rules }) => rules.map(({ id }) => id)));

/** Registers both halves as tests. Throws where the rule is none of docs/rules.md. */
export function attack<World, Means>(scenario: Scenario<World, Means>): void {
  const { name, actor, rule, permittedBy } = scenario;
  if (!RULE_IDS.has(rule)) throw new Error(`${name}: there is no rule ${rule} (docs/rules.md)`);
  const about = { name, actor, rule, permittedBy };
  let attacked: readonly Outcome[] = [];

  // What is skipped has its line in the table too, and is red.
  const meta = (half: Half) => ({ meta: { attack: { ...about, half, outcomes: [] } } });

  describe(`${actor}: ${name} (${rule})`, () => {
    test('is refused', meta('attack'), async ({ task }) => {
      const world = await scenario.world();
      attacked = await scenario.calls(world, await scenario.attack(world));
      task.meta.attack = { ...about, half: 'attack', outcomes: attacked };
      expect(faultsOf('attack', attacked, scenario.refused)).toEqual([]);
    });

    test(`goes through with ${permittedBy}`, meta('control'), async ({ task }) => {
      const world = await scenario.world();
      const outcomes = await scenario.calls(world, await scenario.control(world));
      task.meta.attack = { ...about, half: 'control', outcomes };
      expect(faultsOf('control', outcomes, [])).toEqual([]);
      const made = new Set(outcomes.map(({ call }) => call));
      const unmade = attacked.filter(({ call }) => !made.has(call));
      expect(unmade, 'every call of the attack is one of the control').toEqual([]);
    });
  });
}
