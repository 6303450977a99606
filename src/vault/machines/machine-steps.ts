/** Steps about machines (H1, H2; rail 7). */

import type { Machine, MachineProject } from '#model/organization.ts';
import { givenItem, givenWhole } from '#model/revocations.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { managerOf } from '../managed/records.ts';
import { checkBefore, type StepTypes } from '../managed/step.ts';
import { giveBack } from '../managed/tombstones.ts';
import type { MachineTable } from '../store/schema.ts';
import { isVouchedFor } from './key-proof.ts';
import { endKey } from './machine-key-ends.ts';
import { isRegisteredByAutomation } from './machine-makers.ts';
import {
  accessOfMachine,
  addKey,
  fingerprintsOf,
  gainedItems,
  machineNamed,
  registerMachine,
  requirePublicKey,
  revokeMachine,
  setEnabled,
  setMachineAccess,
} from './machines.ts';

const subject = ({ key }: { readonly key: string }) => ({ kind: 'MachineBinding', key }) as const;

type MachineSteps = Pick<
  StepTypes,
  | 'RegisterMachine'
  | 'AddMachineKey'
  | 'RevokeKeyIfIdle'
  | 'SetMachineAccess'
  | 'EnableMachine'
  | 'DisableMachine'
  | 'RevokeMachine'
>;

/**
 * V4: automation reads no value by itself, but it could make a machine and grant it something. That has an action
 * of its own, for alerts to hang on.
 */
const GRANTED_BY_AUTOMATION = 'automation.machine-granted';

/** Rail 2: who sent the step reads from now on what the machine reads; an action of its own for the same reason. */
const KEY_WITHOUT_PROOF = 'automation.key-added-unproven';

/** Whoever had the key read by it: the owner hears of it, and what it read. */
const KEY_COMPROMISED = 'key.compromised';

export const MACHINE_STEPS: MachineSteps = {
  RegisterMachine: {
    subject,
    withdraws: false,
    run: async (act, { key }, { publicKey, reinstate }, { installation }) => {
      const parsed = requirePublicKey(publicKey);
      const ends = givenWhole(['MachineRevoked', 'MachineDisabled']);
      await giveBack(act, { kind: 'MachineBinding', key }, [ends], reinstate);
      const machineId = await registerMachine(act, key, parsed, { installation });
      const details = { id: machineId, fingerprint: parsed.fingerprint };
      return { machineId, audit: { action: 'machine.registered', details } };
    },
  },
  AddMachineKey: {
    subject,
    withdraws: false,
    run: async (act, action, { publicKey, keyProof, reinstate }, { installation }) => {
      const machine = await machineNamed(act, action.key);
      const parsed = requirePublicKey(publicKey);
      if (parsed.fingerprint !== action.after.fingerprint) {
        throw refuse('Invalid', 'The fingerprint is not that of the public key.');
      }
      checkBefore(
        { ...action, before: { fingerprints: action.before.fingerprints.toSorted(byText) } },
        { fingerprints: await fingerprintsOf(act, machine) },
      );
      const given = [givenItem('MachineKeyRevoked', parsed.fingerprint)];
      await giveBack(act, { kind: 'MachineBinding', key: action.key }, given, reinstate);
      const keyProven = await isVouchedFor(act, machine, parsed, keyProof);
      await addKey(act, machine, parsed, null, installation);
      const details = { id: machine.id, fingerprint: parsed.fingerprint, proven: keyProven };
      const name = keyProven ? 'machine.key-added' : KEY_WITHOUT_PROOF;
      return { machineId: machine.id, keyProven, audit: { action: name, details } };
    },
  },
  RevokeKeyIfIdle: {
    subject,
    withdraws: true,
    run: async (act, action, _request, { manager, installation }) => {
      const machine = await machineNamed(act, action.key);
      // Taking a machine over and ending a key of it is not one step, whatever record comes with it.
      const keeper = await managerOf(act, subject(action));
      if (keeper !== manager) throw refuse('Foreign', `${machine.name} is not managed by ${manager}.`);
      checkBefore(
        { ...action, before: { fingerprints: action.before.fingerprints.toSorted(byText) } },
        { fingerprints: await fingerprintsOf(act, machine) },
      );
      const ended = await endKey(act, machine, action.after, installation);
      const { fingerprint, idleFor, because } = action.after;
      const details = { id: machine.id, fingerprint, because, idleFor, ...ended };
      const name = because === 'Compromised' ? KEY_COMPROMISED : 'machine.key-ended';
      return { machineId: machine.id, audit: { action: name, details } };
    },
  },
  SetMachineAccess: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const machine = await machineNamed(act, action.key);
      const access = await accessOfMachine(act, machine);
      checkBefore(action, { access });
      const items = gainedItems(access, action.after.access);
      const given = items.map((item) => givenItem('GrantRemoved', item));
      await giveBack(act, { kind: 'MachineBinding', key: action.key }, given, reinstate);
      await setMachineAccess(act, machine, action.after.access);
      const details = { id: machine.id, before: accessJson(access), after: accessJson(action.after.access) };
      const granted =
        items.some((item) => item.includes('/')) && (await isRegisteredByAutomation(act, machine.id));
      const name = granted ? GRANTED_BY_AUTOMATION : 'machine.access-set';
      return { machineId: machine.id, audit: { action: name, details } };
    },
  },
  EnableMachine: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const machine = await machineNamed(act, action.key);
      checkBefore(action, { enabled: machine.enabled === 1 });
      if (!action.after.enabled) throw refuse('Invalid', 'EnableMachine enables.');
      const given = [givenWhole(['MachineDisabled'])];
      await giveBack(act, { kind: 'MachineBinding', key: action.key }, given, reinstate);
      await setEnabled(act, machine, true);
      return { machineId: machine.id, audit: { action: 'machine.enabled', details: { id: machine.id } } };
    },
  },
  DisableMachine: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const machine = await machineNamed(act, action.key);
      checkBefore(action, { enabled: machine.enabled === 1 });
      if (action.after.enabled) throw refuse('Invalid', 'DisableMachine disables.');
      await setEnabled(act, machine, false);
      return { machineId: machine.id, audit: { action: 'machine.disabled', details: { id: machine.id } } };
    },
  },
  RevokeMachine: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const machine = await machineNamed(act, action.key);
      const access = await accessOfMachine(act, machine);
      checkBefore(action, { access });
      await revokeMachine(act, machine);
      const details = { id: machine.id, access: accessJson(access) };
      return { judged: { machines: [judged(machine)] }, audit: { action: 'machine.revoked', details } };
    },
  },
};

function judged({ id, name, approved, enabled, disabled_at }: MachineTable): Machine {
  return {
    id,
    name,
    approved: approved === 1,
    enabled: enabled === 1,
    disabledAt: disabled_at,
    keys: [],
    access: [],
  };
}

function accessJson(access: readonly MachineProject[]) {
  return access.map(({ project, secrets }) => ({ project, secrets: [...secrets] }));
}
