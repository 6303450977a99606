/** Machines: registration, keys, grants secret by secret (H1, H2), withdrawal. */
import { isOwnMachine } from '#model/key-proof.ts';
import type { Machine } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { givenToProject, standingRevocation } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import { appliedMachine } from './applied.ts';
import { claimIfNeeded, claimsOf, managedByAnother, notAdopted, outcomeOf, takesOver } from './claims.ts';
import { type Context, mayBind, recordAfter, recordOwner } from './context.ts';
import { type Contribution, type Draft, draft } from './contribution.ts';
import { KEY_SLOTS, keyText, type PlannedEnds, planKeyEnds, revokeKeyCommand } from './ended-keys.ts';
import { exclusiveIn, withForeignItems } from './exclusive.ts';
import { foreignGrants } from './foreign.ts';
import { type MachineAccessOutlook, machineAccessAfter, withGivenBack } from './machine-access.ts';
import type { DesiredMachine, Finding } from './plan-types.ts';
import { deletedByPeople, type ProjectOutlook, secretMissing, secretNotFound } from './projects.ts';
import { listed, sortedTexts } from './sorted.ts';
import { itemRevocation, StandingRevocations, wholeRevocationBy } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';
import { whyMachine } from './why.ts';
import { release, withdrawnRecords } from './withdrawn.ts';

/** Machines lost by absence are first disabled, and revoked after this long (design §4). */
const REVOKE_AFTER = 24 * 60 * 60 * 1000;

/** Acts of people that end a machine. */
const ENDS = ['MachineDisabled', 'MachineRevoked'] as const;

export function planMachines(context: Context, projects: ProjectOutlook): Contribution {
  const claims = claimsOf(context, 'MachineBinding', context.desired.machines, (m) => m.machineName);
  const outcome = outcomeOf(claims);
  const there = new Map(context.observed.machines.map((machine) => [machine.name, machine]));
  for (const [name, machine] of claims.acting) {
    if (machine.suspended) planSuspended(context, machine, there.get(name), outcome);
    else planMachine(context, machine, there.get(name), projects, outcome);
  }
  for (const record of withdrawnRecords(context, 'MachineBinding', claims)) {
    planWithdrawal(context, record, there.get(record.key), outcome);
  }
  return outcome;
}

/** Nothing of it is looked at, but for its keys that are in wrong hands. */
function planSuspended(
  context: Context,
  machine: DesiredMachine,
  there: Machine | undefined,
  outcome: Contribution,
): void {
  const { machineName: name, source } = machine;
  if (there === undefined || recordOwner(context, 'MachineBinding', name, source, there) !== 'ours') return;
  const takenOver = takesOver(context, source, 'MachineBinding', name);
  const compromised = { ...machine, keyEnds: [] };
  outcome.drafts.push(...planKeyEnds(context, compromised, there, outcome, { source, takenOver }).drafts);
}

function planMachine(
  context: Context,
  declared: DesiredMachine,
  there: Machine | undefined,
  projects: ProjectOutlook,
  outcome: Contribution,
): void {
  const machine = withoutCompromisedKey(declared, there, outcome);
  const { machineName: name, source } = machine;
  const subject = { kind: 'MachineBinding', key: name } as const;
  const owned = recordOwner(context, 'MachineBinding', name, source, there);
  const record = context.record('MachineBinding', name);
  if (owned === 'other') {
    outcome.findings.push(managedByAnother(subject, source, record?.manager ?? ''));
    return;
  }
  const tombstones = context.tombstones('MachineBinding', name);
  const ended = new StandingRevocations(tombstones, source.reinstate);
  if (there === undefined && ended.keepBack(wholeRevocationBy(ENDS))) {
    for (const revocation of ended.keptBack)
      outcome.findings.push(reinstateNeeded(subject, source, revocation));
    return;
  }

  const authority = owned === 'ours' ? exclusiveIn(context, 'MachineBinding') : null;
  const { revocations, follows, ...target } = withForeignItems(authority, (exclusive) =>
    withGivenBack(projects, (available) => {
      const revocations = new StandingRevocations(tombstones, source.reinstate);
      const outlook = machineAccessAfter({
        declared: machine.fields.access,
        observed: there?.access ?? [],
        applied: there === undefined || record === undefined ? [] : appliedMachine(record.applied).access,
        exclusive,
        revocations,
        projects: available,
        mayBind: mayBind(context, source.namespace),
      });
      return { ...outlook, revocations };
    }),
  );
  if (there !== undefined && owned !== 'ours') {
    const kept = keptFromOurs(there, machine, target, owned === 'adopted');
    if (kept !== null) {
      outcome.findings.push(notAdopted(subject, source, { id: there.id, ...kept }));
      return;
    }
  }
  for (const revocation of revocations.keptBack)
    outcome.findings.push(reinstateNeeded(subject, source, revocation));
  outcome.findings.push(
    ...unresolved(context, subject, machine, target),
    ...foreignGrants(subject, source, target.foreign),
  );

  const next = recordAfter(context, source, subject, { access: target.applied }, machine.deletionPolicy);
  const rest = { source, takenOver: takesOver(context, source, 'MachineBinding', name) };
  const { changes } = target;
  const steps = outcome.drafts.length;
  if (there === undefined) {
    outcome.drafts.push(registration(context, machine, { ...rest, reinstate: ended.reinstated }));
  } else {
    const standing = { ...rest, record: changes ? undefined : next };
    // What is only adopted by this plan is ours with the next one.
    const ends = owned === 'ours' ? planKeyEnds(context, machine, there, outcome, standing) : null;
    outcome.drafts.push(...(ends?.drafts ?? []));
    planStanding(context, machine, there, outcome, standing, ends);
  }
  if (changes) {
    planAccess(machine, there, target.access, record, outcome, {
      ...rest,
      record: next,
      reinstate: revocations.reinstated,
      takesForeign: target.takesForeign,
      follows,
    });
  } else if (!outcome.drafts.slice(steps).some((step) => step.record !== undefined)) {
    outcome.drafts.push(...claimIfNeeded(context, source, subject, next.applied, machine.deletionPolicy));
  }
}

/** A key that Git names as compromised is registered no more, whatever the cluster holds. */
function withoutCompromisedKey(
  machine: DesiredMachine,
  there: Machine | undefined,
  outcome: Contribution,
): DesiredMachine {
  const { machineName: name, source, key, compromised } = machine;
  if (key === null || !compromised.includes(key.fingerprint)) return machine;
  // While the vault takes it, the operator makes the next one first.
  if (there?.keys.some(({ fingerprint }) => fingerprint === key.fingerprint)) return machine;
  outcome.findings.push({
    subject: { kind: 'MachineBinding', key: name },
    source,
    reason: 'KeyCompromised',
    severity: 'Stalled',
    message: `The cluster holds the key ${key.fingerprint} of ${name}, which spec.key.compromised names.`,
    next: 'Nothing: the operator makes another key.',
  });
  return { ...machine, key: null };
}

/** Access follows in a step of its own, so the record names none yet. */
function registration(context: Context, machine: DesiredMachine, rest: Partial<Draft>): Draft {
  const { machineName: name, source, key, deletionPolicy } = machine;
  const subject = { kind: 'MachineBinding', key: name } as const;
  const action = { kind: 'RegisterMachine', key: name, before: null, after: {} } as const;
  return draft(subject, action, 'not in the vault', {
    ...rest,
    record: recordAfter(context, source, subject, { access: [] }, deletionPolicy),
    executor: executorOf(undefined, key),
  });
}

/**
 * What keeps a machine of nobody's from being ours; null: nothing. Consent is to what is declared, so it never takes over
 * a machine that reads more: who reviews a binding sees all that it will read.
 */
function keptFromOurs(
  there: Machine,
  { key }: DesiredMachine,
  { access, foreign }: Pick<MachineAccessOutlook, 'access' | 'foreign'>,
  isAdopted: boolean,
): { readonly difference: string; readonly repair?: string } | null {
  if (foreign.length > 0) {
    return {
      difference: `it has ${listed(foreign)}, not declared here`,
      repair: 'Declare all that it has, or take the rest from it in the vault.',
    };
  }
  if (isAdopted) return null;
  if (!there.keys.some(({ fingerprint }) => fingerprint === key?.fingerprint)) {
    return { difference: 'its key is not ours' };
  }
  return sameValue(there.access, access) ? null : { difference: whyMachine(there.access, access) };
}

/** A machine without a key is registered, and granted its access, by who makes the key. */
function executorOf(there: Machine | undefined, key: DesiredMachine['key']): 'operator' | 'engine' {
  return there === undefined && key === null ? 'operator' : 'engine';
}

/** Replaces the access of a machine as a whole; says so where the vault has moved away from what was applied. */
function planAccess(
  { machineName: name, source, key }: DesiredMachine,
  there: Machine | undefined,
  access: Machine['access'],
  record: ManagedRecord | undefined,
  outcome: Contribution,
  rest: Partial<Draft> & { readonly record: ManagedRecord },
): void {
  const subject = { kind: 'MachineBinding', key: name } as const;
  const before = there?.access ?? [];
  const replaced = { before: { access: before }, after: { access } };
  outcome.drafts.push(
    draft(subject, { kind: 'SetMachineAccess', key: name, ...replaced }, whyMachine(before, access), {
      ...rest,
      executor: executorOf(there, key),
    }),
  );
  if (record === undefined || !sameValue(record.applied, rest.record.applied)) return;
  outcome.findings.push({
    subject,
    source,
    reason: 'Drift',
    severity: 'Info',
    message: `The access of ${name} was changed in the vault (${whyMachine(access, before)}).`,
    next: 'The plan puts it back as declared.',
  });
}

/** Enabled or not, and the key that the cluster holds. */
function planStanding(
  context: Context,
  machine: DesiredMachine,
  there: Machine,
  outcome: Contribution,
  rest: Partial<Draft>,
  ends: PlannedEnds | null,
): void {
  const { machineName: name, source, key } = machine;
  const subject = { kind: 'MachineBinding', key: name } as const;
  const tombstones = context.tombstones('MachineBinding', name);
  if (!there.enabled) {
    const ended = new StandingRevocations(tombstones, source.reinstate);
    if (ended.keepBack(wholeRevocationBy(ENDS))) {
      for (const revocation of ended.keptBack)
        outcome.findings.push(reinstateNeeded(subject, source, revocation));
      return;
    }
    const enabled = { before: { enabled: false }, after: { enabled: true } };
    outcome.drafts.push(
      draft(subject, { kind: 'EnableMachine', key: name, ...enabled }, 'declared again', {
        ...rest,
        reinstate: ended.reinstated,
      }),
    );
  }
  const fingerprints = ends?.left ?? sortedTexts(there.keys.map(({ fingerprint }) => fingerprint));
  // One that ends with this plan is not brought back by it.
  if (key === null || there.keys.some(({ fingerprint }) => fingerprint === key.fingerprint)) return;
  const revoked = new StandingRevocations(tombstones, source.reinstate);
  if (revoked.keepBack(itemRevocation([key.fingerprint]))) {
    for (const revocation of revoked.keptBack)
      outcome.findings.push(reinstateNeeded(subject, source, revocation));
    return;
  }
  if (fingerprints.length >= KEY_SLOTS) {
    outcome.findings.push({
      subject,
      source,
      reason: 'RotationBlocked',
      severity: 'Stalled',
      message: [
        `${name} has ${fingerprints.length} keys at the vault, and the cluster holds another one.`,
        ...there.keys.map((one) => `${keyText(name, one)}.`),
      ].join(' '),
      next: `Revoke one that nothing uses; a machine never has a third: ${there.keys
        .map((one) => revokeKeyCommand(name, one))
        .join(' or ')}`,
    });
    return;
  }
  const own = isOwnMachine(there, context.record('MachineBinding', name), context.desired.manager);
  outcome.drafts.push(
    draft(
      subject,
      {
        kind: 'AddMachineKey',
        key: name,
        before: { fingerprints },
        after: { fingerprint: key.fingerprint },
      },
      'the vault does not know the key that the cluster holds',
      {
        ...rest,
        reinstate: revoked.reinstated,
        addedKey: { proven: key.proof !== undefined, own },
        follows: ends?.drafts ?? [],
      },
    ),
  );
}

function unresolved(
  { desired, tombstones }: Context,
  subject: Finding['subject'],
  { source }: DesiredMachine,
  target: Pick<MachineAccessOutlook, 'missingProjects' | 'missingSecrets' | 'unbindable'>,
): Finding[] {
  const findings: Finding[] = [];
  if (target.unbindable.length > 0) {
    findings.push({
      subject,
      source,
      reason: 'ProjectNotManaged',
      severity: 'Waiting',
      message: `Has secrets and is not managed from here yet: ${listed(target.unbindable)}; nothing new is read there.`,
      next: 'See its Project object: taking it over waits for an approval.',
    });
  }
  const gone = target.missingProjects.filter((project) => isDeleted(tombstones, project));
  const missing = target.missingProjects.filter((project) => !gone.includes(project));
  if (gone.length > 0) findings.push(deletedByPeople(subject, source, 'ProjectNotFound', gone));
  if (missing.length > 0) {
    findings.push({
      subject,
      source,
      reason: 'ProjectNotFound',
      severity: 'Waiting',
      message: `Not in the vault: ${listed(missing)}; the rest is granted.`,
      next: 'Declare them as Project objects, or take them out here.',
    });
  }
  const declared = new Set(
    desired.projects.flatMap(({ name, secrets }) => secrets.map((secret) => `${name}/${secret.name}`)),
  );
  const deleted = target.missingSecrets.filter((key) => declared.has(key) && isDeleted(tombstones, key));
  const toSet = target.missingSecrets.filter((key) => declared.has(key) && !deleted.includes(key));
  const unknown = target.missingSecrets.filter((key) => !declared.has(key));
  if (deleted.length > 0) findings.push(deletedByPeople(subject, source, 'SecretMissing', deleted));
  if (toSet.length > 0) findings.push(secretMissing(subject, source, toSet));
  if (unknown.length > 0) findings.push(secretNotFound(subject, source, unknown));
  return findings;
}

/** Whether a person deleted the project, or the secret, `project/secret` (rail 7). */
function isDeleted(tombstones: Context['tombstones'], key: string): boolean {
  const [project = '', name] = key.split('/');
  const given = name === undefined ? givenToProject.itself : givenToProject.secret(name);
  return standingRevocation(tombstones('Project', project), given) !== undefined;
}

/** First disabled, revoked 24 h later; `Orphan` leaves the machine as it is. */
function planWithdrawal(
  context: Context,
  record: ManagedRecord,
  there: Machine | undefined,
  outcome: Contribution,
): void {
  const subject = { kind: 'MachineBinding', key: record.key } as const;
  const absent = [record];
  if (there === undefined) {
    outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
    return;
  }
  if (record.deletionPolicy !== 'Revoke') {
    outcome.drafts.push(release(record, 'declared no longer; deletionPolicy Orphan keeps it'));
    return;
  }
  if (there.enabled) {
    const enabled = { before: { enabled: true }, after: { enabled: false } };
    outcome.drafts.push(
      draft(subject, { kind: 'DisableMachine', key: record.key, ...enabled }, 'declared no longer', {
        absent,
      }),
    );
    return;
  }
  const dueAt = (there.disabledAt ?? context.now) + REVOKE_AFTER;
  if (dueAt > context.now) {
    outcome.wakes.push(dueAt);
    outcome.findings.push({
      subject,
      source: null,
      reason: 'RevocationDue',
      severity: 'Info',
      message: `${record.key} is disabled and declared no longer; it is revoked at ${new Date(dueAt).toISOString()}.`,
      next: 'Declare it again before then to keep it.',
    });
    return;
  }
  const before = { access: there.access };
  outcome.drafts.push(
    draft(
      subject,
      { kind: 'RevokeMachine', key: record.key, before, after: null },
      'declared no longer, and disabled for 24 h',
      { record: null, absent },
    ),
  );
}
