/** What to do about a step that has not run, where no rail says it: an open item without that helps nobody. */
import { BUDGET_WINDOW } from '#model/loss.ts';
import { spanText } from '#model/span-text.ts';
import { REFUSALS, type Refusal, type StepAnswer } from '#protocol/management.ts';

/** Where nothing is to be done, with what ends it. */
export const NEXT_STEPS = {
  runs: 'Nothing: it ends with the next pass, without a cluster with `seneschal apply FOLDER`.',
  follows:
    'Nothing: it runs after the step that it follows, which is told beside it with what keeps that one.',
  leftToOperator:
    'Nothing: it ends with the key, which the operator makes; where none runs, apply the MachineBinding in a cluster that has one.',
  settling:
    'Nothing: they run once they have been the same for that long, and are held after five minutes without it; until ' +
    'then bring back in Git what was not meant.',
  failed:
    'Nothing: the next pass tries it again, without a cluster the next `seneschal apply FOLDER`; where it stays, the log of the ' +
    'vault server has the cause.',
} as const;

/** What to do about what is declared, where the vault refused it and says no more than the code does. */
const AFTER_REFUSAL: Readonly<Record<Refusal, string>> = {
  StaleBefore: 'Nothing: the next pass observes again, and decides by what is there then.',
  Forbidden:
    'Take it out of Git, or have the owner make an identity that may do it: seneschal vault automation create NAME --credentials FOLDER',
  Frozen: 'Until a person ends it, nothing is written: seneschal thaw',
  LeaseLost:
    'Nothing: it goes on once this process has the lease; where two managers write, stop one of them.',
  NotReserved: 'Nothing: the next pass reserves it anew.',
  OverBudget:
    'Take it back in Git if it was not meant; else approve the digest that `seneschal plan FOLDER` prints, or wait: losses count ' +
    `for ${spanText(BUDGET_WINDOW)}.`,
  CeilingReached:
    'A person approves it in the vault, with the digest that `seneschal plan FOLDER` prints: seneschal approve DIGEST',
  GainBudgetReached:
    'Nothing: it goes on at the time that is named; the owner may allow more: seneschal vault automation set-bounds --help',
  SeatsExhausted: 'Free a seat, or move to a larger plan.',
  QuotaReached: 'Delete what is not needed, or move to a larger plan.',
  PlanLapsed: 'Have the plan renewed, or have one set by whoever runs the server.',
  PersonalVault: 'The owner converts it to an organization first (O1).',
  AlreadyInvited: 'Nothing: it ends once the invite is answered, or expires.',
  AttemptsExhausted: 'Ask the person; then change what is declared of them, and it is sent again.',
  Tombstoned: 'To give it back, set spec.reinstate to the entry; to agree, take it out of Git.',
  NameTaken:
    'Give it another name, or take over what is there by the annotation seneschal.dev/adopt with its id.',
  NameKept: 'Give it another name, or wait until the time that is named.',
  RenameReferenced: 'Have them name it no more, or keep the name.',
  FingerprintTaken: 'Revoke the key at the other machine in the vault, or have another key made here.',
  KeySlotsBusy: 'Revoke a key that nothing uses in the vault; a machine never has a third.',
  KeyInUse: 'Nothing: it is asked again once the key may be idle; what still uses it needs a restart.',
  NotOurKey:
    'A person ends it in the vault, or Git names it in spec.key.compromised: seneschal vault machine revoke-key --help',
  KeyCompromised: 'Have another key made: delete the key Secret that holds this one.',
  TemplateInUse: 'Give its holders another template first.',
  TemplateArchived: 'Name another template, or take it out of the archive in the vault.',
  NotFound: 'Correct the name, or declare what it names; the next pass looks again.',
  NeedsApproval:
    'Take it back in Git if it was not meant; else a person approves it in the vault, with the digest that ' +
    '`seneschal plan FOLDER` prints: seneschal approve DIGEST',
  Floor: REFUSALS.Floor,
  Foreign: REFUSALS.Foreign,
  IdempotencyKeyReused:
    'Nothing: once anything has changed in the vault, the next pass sends it under another key.',
  Invalid: 'Correct what the message names in the object that declares it.',
  Unreadable: REFUSALS.Unreadable,
};

/** What the vault says to do, where it says more than what the code means; a newer vault may have codes of its own. */
export function nextAfter({ code, next }: Extract<StepAnswer, { status: 'Refused' }>): string {
  if (!Object.hasOwn(REFUSALS, code)) return next === '' ? AFTER_REFUSAL.Invalid : next;
  return next === '' || next === REFUSALS[code] ? AFTER_REFUSAL[code] : next;
}
