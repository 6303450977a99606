import type { Command } from 'commander';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ALL, programFor } from '#cli/program.ts';
import { whatIsOpen } from '#engine/open.ts';
import { GAIN_BUDGET_NAMES, raiseBudgetCommand } from '#model/gains.ts';
import { BROUGHT_KINDS } from '#model/record.ts';
import { CUT_ACTS, commandsByPeople } from '#planning/given-back-by-people.ts';
import { plan } from '#planning/plan.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { policy } from '#test/builders/desired.ts';
import { NOW } from '#test/builders/organization.ts';
import { commandsIn, wordsOf } from './printed-commands.ts';
import { printedTexts } from './printed-texts.ts';

/**
 * What a printed command leaves to whoever types it, with a value that stands for it and why it cannot be filled in. The
 * list may only shrink.
 */
const PLACEHOLDERS: Readonly<Record<string, readonly [value: string, why: string]>> = {
  ACCESS: ['Read', 'who gives back chooses how much'],
  CELL: ['Alerts: View', 'all cells of the template, those that it has among them'],
  CODE: ['123456', 'the app shows it'],
  COUNT: ['30', 'the owner chooses how many'],
  DIGEST: ['a'.repeat(64), 'of a plan, which the vault does not see; `plan` prints it'],
  'E-MAIL': ['bob@acme.example', 'of somebody whom the text does not know'],
  FILE: ['./file', 'where it is to be, or a configuration of the server that the text does not know'],
  FOLDER: ['./folder', 'of manifests, which the operator does not know, or where a key is to be'],
  ID: ['auto_0123456789abcdef', 'of the automation identity, which a plan does not know'],
  NAME: ['name', 'the person chooses it'],
  PROJECT: ['payments', 'one of several, which the person chooses'],
  TEMPLATE: ['developers', 'the cut does not say which'],
  TIER: ['Business', 'whoever runs the server chooses it'],
  TIME: ['2030-01-01', 'who gives back chooses until when'],
  VAULT: ['vault_0123456789abcdef', 'there is none yet'],
};

/** Values for what is filled in, where not any will do. */
const FILLED: Readonly<Record<string, string>> = {
  '{id}': 'vault_0123456789abcdef',
  '{to}': '--free',
  '{noun}': 'machine',
  '{words}': 'member list',
  '{flag}': 'invites-per-hour',
};

/** Texts that name a command, and are no step to take. */
const NO_STEP: readonly string[] = [
  'seneschal audit chain:',
  'seneschal audit head:',
  'seneschal audit export 1',
  'approved at the terminal of seneschal apply',
  '    # for seneschal plan and apply',
  '<(seneschal completion ',
  '# seneschal completion fish | source',
];

let program: Command;
let ran: boolean;
let names: ReadonlySet<string>;
beforeAll(async () => {
  // Whoever plans has the credentials by the environment or types them: no text knows where they are.
  vi.stubEnv('SENESCHAL_CREDENTIALS', './credentials');
  program = await programFor(ALL, () => undefined);
  names = new Set(program.commands.map((one) => one.name()));
  prepare(program);
});
afterAll(() => vi.unstubAllEnvs());

function prepare(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  const sub = command.commands;
  if (sub.length > 0) for (const one of sub) prepare(one);
  else
    command.action(() => {
      ran = true;
    });
}

/** Null: the command line takes it. */
async function refusalOf(command: string): Promise<string | null> {
  const [, ...words] = wordsOf(command.replace(/\{\w*\}/g, (name) => FILLED[name] ?? name));
  ran = false;
  try {
    await program.parseAsync(
      words.map((word) => PLACEHOLDERS[word]?.[0] ?? word),
      { from: 'user' },
    );
  } catch (error) {
    if ((error as { code?: string }).code === 'commander.helpDisplayed') return null;
    return `${command}: ${(error as Error).message}`;
  }
  return ran ? null : `${command}: no command`;
}

/** What is wrong with the commands of a text, one after the other: they share the tree. */
async function faultsOf(text: string): Promise<readonly string[]> {
  const { commands, unbounded } = commandsIn(text, (word) => names.has(word));
  const faults = unbounded.map((command) => `${command}: nobody can tell where it ends`);
  for (const command of commands) {
    const refusal = await refusalOf(command);
    if (refusal !== null) faults.push(refusal);
  }
  return faults;
}

const steps = printedTexts().filter(({ text }) => !NO_STEP.some((known) => text.includes(known)));

test('every command that a text names is one, complete: options, arguments, and where it ends', async () => {
  const faults: string[] = [];
  for (const { file, text } of steps)
    for (const fault of await faultsOf(text)) faults.push(`${file}: ${fault}`);
  expect(faults).toEqual([]);
  expect(steps.length).toBeGreaterThan(50);
});

test('what is left to whoever types it is on the list, and nothing is on the list that can be filled in by now', () => {
  const cuts = CUT_ACTS.flatMap((act) =>
    BROUGHT_KINDS.flatMap((kind) =>
      commandsByPeople({ kind, key: 'x' }, { kind, key: 'x', act, item: null }, false),
    ),
  );
  const printed = steps.flatMap(({ text }) => commandsIn(text, (word) => names.has(word)).commands);
  const commands = [...printed, ...cuts, raiseBudgetCommand('ID', 'raises')];
  const left = commands.flatMap(wordsOf).filter((word) => /^[A-Z]+(?:-[A-Z]+)*$/.test(word));
  expect([...new Set(left)].sort()).toEqual(Object.keys(PLACEHOLDERS).sort());
});

test('whatever was cut, the command that gives it back is taken (rail 7)', async () => {
  const faults: string[] = [];
  for (const act of CUT_ACTS) {
    for (const kind of BROUGHT_KINDS) {
      for (const item of [null, 'web shop']) {
        for (const isThere of [false, true]) {
          const key = kind === 'Member' ? 'bob@acme.example' : 'on call';
          const itemOf = act === 'MembershipRemoved' && item !== null ? 'ann@acme.example' : item;
          const cut = { kind, key, act, item: itemOf };
          for (const command of commandsByPeople(cut, cut, isThere)) {
            const refusal = await refusalOf(command);
            if (refusal !== null) faults.push(refusal);
          }
        }
      }
    }
  }
  expect(faults).toEqual([]);
});

test.each(GAIN_BUDGET_NAMES)('the budget %s is raised by an option that there is (rail 8)', async (name) => {
  expect(await faultsOf(`The owner: ${raiseBudgetCommand('auto_0123456789abcdef', name)}`)).toEqual([]);
});

test('every next step of a plan and of what it leaves open is taken', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryDesired, arbitraryOrganization, async (desired, observed) => {
      const planned = plan(desired, observed, policy(), NOW);
      const { items } = whatIsOpen(desired, { plan: planned, answers: new Map() });
      const texts = [...planned.findings, ...planned.held, ...items].map(({ next }) => next);
      for (const text of new Set(texts)) {
        seen += commandsIn(text, (word) => names.has(word)).commands.length;
        expect(await faultsOf(text)).toEqual([]);
      }
    }),
  );
  expect(seen).toBeGreaterThan(0);
});
