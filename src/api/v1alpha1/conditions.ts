/**
 * Every condition type and every reason that a status, an Event or the command line can show, with what it
 * means. `docs/reasons.md` is generated from here. Nobody gives a reason that is not in this table.
 */
import { DEFAULT_INVITES } from '#model/invites.ts';
import { USED_STILL_AFTER } from '#model/key-ends.ts';
import { BUDGET_WINDOW } from '#model/loss.ts';
import { spanText, timesText } from '#model/span-text.ts';
import type { Standing } from '#model/standing.ts';
import type { Kind } from './kinds.ts';

const SENDINGS = `as often as \`spec.invites.maxAttempts\` says (default ${timesText(DEFAULT_INVITES.maxAttempts)} in all)`;

/** On every kind. `Reconciling` and `Stalled` only while true, never both (kstatus). */
export const COMMON_CONDITIONS = {
  Ready: 'The object is as it was declared, or as far as it can be without a person acting.',
  Reconciling: 'Work is under way, or waits for something that will come.',
  Stalled: 'Nothing moves until somebody acts; the message says what.',
} as const;

const AWAITING = 'A raise waits for an approval (rail 2); the message has the command. Only while true.';

const CUT =
  'A person cut in the vault what is declared; the message names who, what and the entry (rail 7). Only while true.';

const STALE =
  'The vault was not heard for 15 minutes: Ready and the rest are as last known. Only while true.';

const SUSPENDED =
  '`spec.suspend` is true: nothing is looked at, and Ready keeps what it was. Only while true.';

/** Conditions of one kind, beside the common ones. */
export const CONDITIONS = {
  Organization: {
    Connected:
      'The vault answers, and takes the credentials. Unknown 30 s after the last answer, False after 2 min; the message has its time.',
    PlanHeld: 'A rail keeps steps from running; the message names the digest that an approval must name.',
    SeatsAvailable: 'The plan of the organization has a free seat.',
    OwnershipSettled: 'Who owns the organization is who is declared to; absent where nobody is.',
    Suspended: SUSPENDED,
    Drifted: 'The vault differs from what is declared in something that is not ours to change.',
  },
  Member: {
    Joined: 'The person has accepted the invite.',
    TemplateBound: 'The person holds the declared permission template.',
    SuspensionMatches: 'The person is suspended, or not, as declared.',
    AwaitingApproval: AWAITING,
    CutByPerson: CUT,
    Stale: STALE,
  },
  Group: {
    MembersResolved: 'The vault lists everybody who is declared, and gives what is declared.',
    AwaitingApproval: AWAITING,
    CutByPerson: CUT,
    Stale: STALE,
  },
  PermissionTemplate: {
    Compiled: 'The vault has the template with exactly these cells and this scope.',
    AwaitingApproval: AWAITING,
    CutByPerson: CUT,
    Stale: STALE,
  },
  Project: {
    Provisioned: 'The vault has the project and every secret that is declared.',
    AwaitingApproval: AWAITING,
    CutByPerson: CUT,
    Stale: STALE,
  },
  MachineBinding: {
    Registered: 'The vault knows the machine by the key in the key Secret.',
    Granted: 'The machine may read every declared secret.',
    KeyIssued: 'The key Secret holds a key that the vault accepts.',
    RotationBlocked:
      'Another key is to follow, and both slots of the machine are taken. Ready keeps what it was. Only while true.',
    OldKeyInUse: `A key is used still, ${spanText(USED_STILL_AFTER)} after another one took its place; the message names it and its last address. Only while true.`,
    UnheldKey:
      'The vault accepts a key that no Secret of the binding holds; the message names it, its last use and the command that ends it. Only while true.',
    Suspended: SUSPENDED,
    Stale: STALE,
    SecretsSynced: 'Every target Secret holds the current values.',
  },
  PlanApproval: {},
} as const satisfies Record<Kind, Record<string, string>>;

/**
 * What follows from a reason: the classes of errors, and `Done` for what is as it should be.
 * `Waiting` goes on by itself, `Terminal` and `Held` need somebody.
 */
export type ReasonClass =
  | 'Done'
  | 'Waiting'
  | 'Held'
  | 'Terminal'
  | 'Transient'
  | 'RateLimited'
  | 'Conflict'
  | 'Auth'
  | 'Aborted';

interface ReasonDefinition {
  readonly class: ReasonClass;
  /** One line: what it means, and the next step where there is one. */
  readonly meaning: string;
  /** How that stands of which it is said; null: it is as declared. */
  readonly standing: Standing | null;
}

/** How what is of a class stands, unless the reason says otherwise. */
const STANDING_OF: Readonly<Record<ReasonClass, Standing | null>> = {
  Done: null,
  Waiting: 'UnderWay',
  Held: 'Held',
  Terminal: 'Refused',
  Transient: 'Failed',
  RateLimited: 'Failed',
  Conflict: 'Failed',
  Auth: 'Refused',
  Aborted: 'Failed',
};

const reasonOf =
  (name: ReasonClass) =>
  (meaning: string, standing = STANDING_OF[name]): ReasonDefinition => ({ class: name, meaning, standing });

const done = reasonOf('Done');
const waiting = reasonOf('Waiting');
const held = reasonOf('Held');
const terminal = reasonOf('Terminal');
const transient = reasonOf('Transient');
const rateLimited = reasonOf('RateLimited');
const conflict = reasonOf('Conflict');
const auth = reasonOf('Auth');
const aborted = reasonOf('Aborted');

/** Sorted within each group by what a reader meets first. */
const definitions = {
  // As it should be.
  Succeeded: done('Everything declared is so.'),
  PartlyAsDeclared: done(
    'The Organization is as declared, and not all that belongs to it; the message counts what is open.',
  ),
  Suspended: done('`spec.suspend` is true: nothing is looked at or changed until it is taken away.'),
  Observed: done('`spec.management` is Observe: what would be done is shown, and nothing is done.'),
  Joined: done('The person has accepted the invite.'),
  OwnershipDiffers: done(
    'Another person owns the organization than is declared; the present owner offers it in the vault (O3). Nothing waits for it.',
    'WaitingForPerson',
  ),
  InvitePending: done(
    'The invite is open; the person has not answered yet. Nothing waits for it.',
    'WaitingForPerson',
  ),
  ReacceptancePending: done(
    'The person has to accept again after a key rotation (O5). Nothing waits for it.',
    'WaitingForPerson',
  ),
  ConfirmationPending: done(
    'The person joined and is not confirmed by the owner yet (I4). Nothing waits for it.',
    'WaitingForPerson',
  ),
  AwaitingApproval: done(
    'What is declared beyond what there is raises somebody, and waits for an approval (rail 2).',
    'Held',
  ),
  CutByPerson: done(
    'It is as a person left it in the vault, and Git declares more; `spec.reinstate` must name the entry, unless the cut is final (rail 7).',
    'CutByPerson',
  ),
  InviteExpired: waiting(`The invite expired unanswered; it is sent again, ${SENDINGS}.`, 'Expired'),
  NoTemplate: done('No template is declared.'),
  NothingHeld: done('No rail holds a step.'),
  NoDrift: done('Nothing in the vault differs from what is declared.'),
  Unlimited: done('The plan of the organization has no cap on members.'),
  Unused: done('The approval counts for the plan whose digest it names.'),
  Used: done('The approval released its plan; it counts once.'),
  Expired: terminal(
    'The approval is older than 24 hours; give a new one if the plan is still wanted.',
    'Expired',
  ),
  Ended: done('What is declared here has ended at the time it names (M5); take the line out of Git.'),
  Withdrawn: done('Declared no longer, and taken away in the vault.'),

  // Under way.
  Progressing: waiting('Steps are running, or run with the next pass.'),
  WaitingForOrganization: waiting('The Organization has not been reconciled yet.'),
  WaitingForRegistration: waiting('The key is staged; the vault registers the machine with the next pass.'),
  WaitingForGrants: waiting('The vault has not granted every declared secret to the machine yet.'),
  WaitingForKey: waiting('There is no key yet that values could be read with.'),
  Settling: waiting('Losses wait until they have been the same for `rails.settle` (rail 1).'),
  Reserved: waiting('A reservation is open; its losses go on with the next pass (rail 1).'),

  // References and declarations.
  OrganizationNotFound: waiting(
    'There is no Organization of that name in the namespace.',
    'ReferenceMissing',
  ),
  NamespaceNotListed: terminal('No entry of spec.access of the Organization lists this namespace.'),
  NotAllowed: terminal(
    'It goes beyond what its namespace may bring, or reads a project that is not declared beside the Organization.',
  ),
  TemplateNotFound: waiting(
    'There is no such permission template, declared or in the vault.',
    'ReferenceMissing',
  ),
  ProjectNotFound: waiting('There is no such project, declared or in the vault.', 'ReferenceMissing'),
  ProjectNotManaged: waiting(
    'The project has secrets and is not managed from here yet, so a binding reads nothing new in it.',
    'Held',
  ),
  SecretNotFound: waiting(
    'There is no such secret, and no Project declares it; correct the name, or declare it.',
    'ReferenceMissing',
  ),
  SecretMissing: waiting(
    'The project has no secret of that name; create it in the vault or give a generator.',
    'WaitingForPerson',
  ),
  GroupNotFound: waiting('No Group declares that name, and the vault has no such group.', 'ReferenceMissing'),
  MemberNotFound: waiting(
    'No Member declares that person, and the vault does not know them.',
    'ReferenceMissing',
  ),
  InvalidSpec: terminal('The object cannot be read as a declaration; the message names the field.'),
  InvalidCell: terminal('The capability matrix has no such cell, or it is the owner’s alone (T4).'),
  OwnerOnlyCell: done('Cells that are the owner’s alone are left out of the template (T4).'),
  NotInvited: done('The person is declared Suspended and has not joined; no invite is sent.'),
  OwnerGranted: done('The owner has every access; a grant adds nothing to it.'),
  OwnerDeclared: terminal('The owner is never managed as a member (O3); take the object away.'),
  Conflict: terminal('Two objects claim the same thing; the one that had it before goes on.'),
  NotAdopted: terminal(
    'It is in the vault, differs, and is not ours; the annotation seneschal.dev/adopt with its id consents. A machine has more than is declared.',
  ),
  NotDelegated: terminal(
    'The identity is bounded to projects, and this is about the whole vault (V4); have an unbounded one declare it, or leave it out.',
  ),
  Foreign: done('It is in the vault and nobody declares it; it is left alone (rail 11).', 'Foreign'),
  Drift: done(
    'A person changed it in the vault; it is brought back to what is declared (rail 7).',
    'Drifted',
  ),
  ReinstateNeeded: held(
    'A person cut this access in the vault, or deleted this; `reinstate` must name the entry. A final cut is given back or lifted by people alone (rail 7).',
    'CutByPerson',
  ),

  // Rails (design: `held`).
  LossBudget: held(
    `The losses are more than ${spanText(BUDGET_WINDOW)} may lose (rail 1); approve the digest or change Git.`,
  ),
  MassAbsence: held('More than half of a kind is declared no longer; approve the digest or change Git.'),
  OriginGone: held(
    'The namespace, the Organization or the CRD that declared it is gone; nothing is taken away.',
  ),
  NotSeenDeclared: held('It was never seen declared in this cluster; its absence takes nothing away.'),
  NotSettled: held('Losses did not stay the same for five minutes; approve the digest or let Git rest.'),
  NeedsApproval: held('It runs only with an approval of the digest.'),
  SettingsLoosened: held('It loosens the rails; approve the digest.'),
  Floor: held('The owner and the required admins are never removed, suspended or demoted (rail 3).'),
  EmptySource: held('Nothing at all is declared; an empty source takes nothing away (rail 5).'),
  PartialView: held('Not everything that is declared could be read; nothing is taken away (rail 6).'),
  Frozen: held(
    'Somebody froze the vault; until `seneschal thaw` only explicit suspensions and ends of compromised keys run, with `freeze --all` nothing (rail 12).',
  ),
  ObserveOnly: held('The operator only observes; the message says why.'),
  ApprovalsNotProven: held(
    'The ValidatingAdmissionPolicy that proves approvers is not installed; no PlanApproval counts.',
    null,
  ),
  ServiceAccount: terminal('A service account approves nothing; a person in `rails.approvers` must.'),
  NotAnApprover: terminal(
    'The approver is in neither `rails.approvers.users` nor, by a group, `rails.approvers.groups` as last applied.',
  ),

  // The vault.
  Unreachable: transient(
    'The vault does not answer, or not with a certificate that is trusted; the log of the operator has the cause.',
  ),
  Sealed: transient('The vault has no root key at hand; it answers no values and takes no writes.'),
  Unauthorized: auth('The vault does not take the credentials of the automation identity.'),
  WrongAudience: auth(
    'The url of the credentials is no address that the vault takes signatures for (`publicUrl`, `audiences`).',
  ),
  VaultNotFound: terminal('The server has no vault of that id.'),
  VaultError: transient('The vault answered with an error; the message has its code.'),
  RateLimited: rateLimited('The vault asked to slow down.'),
  ManagementConflict: held(
    'Another manager, or another installation, has the lease of the vault; this one only reads (rail 10).',
  ),
  VaultRolledBack: held('The vault is older than what was seen of it (A3); only observed until approved.'),
  CredentialsForAnotherVault: terminal(
    'The Organization names another url or vaultId than its credentials; nothing is sent to either.',
  ),
  CredentialsMissing: waiting(
    'The Secret with the credentials is absent or lacks a key; the message names it.',
    'ReferenceMissing',
  ),
  Forbidden: terminal('The delegation of the automation identity does not allow the step.'),
  StaleBefore: conflict('The vault moved in between; the next pass observes again.'),
  LeaseLost: conflict('Another process took the lease of the vault.'),
  NotReserved: conflict('A loss had no reservation; the next pass makes one.'),
  OverBudget: held(
    `The vault counts more losses in ${spanText(BUDGET_WINDOW)} than the budget holds; approve the digest.`,
  ),
  CeilingReached: held('The hard ceiling of the delegation is reached; a person approves in the vault.'),
  GainBudgetReached: waiting(
    'The delegation gave as much as it may for now; it goes on at the time that the message names.',
    'Queued',
  ),
  InviteQueued: waiting(
    'More people are declared than the delegation may invite in the time; the invite leaves at the time named (rail 8).',
    'Queued',
  ),
  ProjectQueued: waiting(
    'More projects are declared than the delegation may make in a day; it is made at the time named.',
    'Queued',
  ),
  SeatsExhausted: held('The plan of the organization has no free seat (I5).', 'Refused'),
  QuotaReached: held('A quota of the plan is reached (P3).', 'Refused'),
  PlanLapsed: held(
    'The plan of the organization lapsed (P4): only losses of access run until whoever runs the server sets one.',
    'Refused',
  ),
  PersonalVault: terminal('The vault is personal and has its owner alone; the owner converts it first (O1).'),
  AlreadyInvited: waiting('There is an open invite for this address.', 'Failed'),
  AttemptsExhausted: held(
    `The invite was sent ${SENDINGS}; an edit of the object starts again (I2).`,
    'Expired',
  ),
  Tombstoned: held(
    'A person cut this access in the vault, or deleted this; `reinstate` must name the entry. A final cut is given back or lifted by people alone (rail 7).',
    'CutByPerson',
  ),
  NameTaken: terminal('There is another thing of that name in the vault.'),
  NameKept: terminal(
    'What had the name was renamed, and for 30 days only the same namespace declares it anew; the message has the time.',
  ),
  RenameReferenced: waiting(
    'It is renamed once no object of another namespace names it any more; the message lists them. Until then it goes by its former name.',
    'Refused',
  ),
  RenameWaiting: waiting(
    'It is renamed once nothing is in the way; the message says what. Until then it goes by its former name.',
  ),
  RenameIgnored: done('`spec.renamedFrom` does nothing; the message says why.'),
  MadeAnew: done(
    'It is made anew, and what is declared no more stays: without `spec.renamedFrom` that is no rename.',
  ),
  FingerprintTaken: terminal('The key is registered to another machine of this vault.'),
  KeySlotsBusy: held('The machine has two keys already.', 'Refused'),
  KeyInUse: done('A key that is to end was used too lately; it is asked again by itself.', 'Scheduled'),
  NotOurKey: done(
    'A key that is to end was brought by another installation, a person or a token: a person ends it.',
    'WaitingForPerson',
  ),
  KeyCompromised: terminal('The key was ended as compromised; no machine of the vault has it again.'),
  RotationBlocked: held(
    'Both key slots of the machine are taken, so no other key can follow; it goes on once one of them is gone.',
    'Refused',
  ),
  OldKeyInUse: done(
    `A key is used ${spanText(USED_STILL_AFTER)} after another one took its place; restart the pods that started before.`,
    'WaitingForPerson',
  ),
  UnheldKey: done(
    'The vault accepts a key that no Secret holds; it goes once it is idle, or by the command in the message.',
    'WaitingForPerson',
  ),
  TemplateInUse: waiting('Members still hold the template.', 'Refused'),
  TemplateArchived: held('A person archived the template in the vault; nobody new is given it.', 'Refused'),
  NotFound: conflict('What the step names is not in the vault any more.'),
  IdempotencyKeyReused: conflict(
    'Another step was sent under the same idempotency key; the next pass makes a new one.',
  ),
  Invalid: terminal('The vault cannot take the step as it stands; the message says why.'),
  Unreadable: terminal(
    'The vault cannot read a step of this object; the message names the field. Others are not held up.',
  ),
  RotationAdvised: done('Somebody lost access who could read or hand out these secrets; rotate them (M2).'),
  RevocationDue: waiting(
    'The machine is declared no longer and disabled; it is revoked after 24 hours.',
    'Scheduled',
  ),
  InsecureUrl: terminal(
    'The url of the credentials is not https://; http://localhost takes --allow-insecure-loopback of the operator.',
  ),
  VaultMoved: terminal(
    'Credentials lead to another address than Secrets were made for; nothing is sent there until --allow-move names it.',
  ),
  MachineDisabled: held('A person disabled the machine in the vault.', 'CutByPerson'),

  // Secrets of the cluster.
  SecretConflict: terminal(
    'A Secret of that name is not ours; it is neither used nor overwritten. Rename or delete it.',
  ),
  SecretForbidden: auth(
    'RBAC does not let the operator read or write the Secret; it is not taken for absent.',
  ),
  NamespaceNotEnabled: auth('The namespace lacks the RoleBinding for Secrets; the message has the command.'),
  NamespaceQuotaReached: terminal('A ResourceQuota of the namespace leaves no room for a Secret.'),
  NamespaceTerminating: terminal('The namespace is being deleted; nothing is created in it.'),
  ValueUnfit: terminal(
    'A value of the vault does not fit what a target makes of it: no JSON, no Base64, no such field, another key than its certificate, or too much for a Secret.',
  ),
  TemplateMissing: terminal('The ConfigMap with a template of a target is not there, or may not be read.'),
  SecretImmutable: terminal(
    'Somebody made a target immutable, so that its values cannot follow the vault; delete it, or set `immutable` in the target.',
  ),
  SecretRefused: terminal(
    'The API server refuses a target as it would be written; the message names the fields.',
  ),
  MergeNotConsented: terminal(
    'The Secret that a target merges into lacks the annotation `seneschal.dev/merge` with the name of the binding.',
  ),
  MergeTargetMissing: terminal('The Secret that a target merges into is not there.'),
  KeyOfAnother: terminal(
    'The Secret that a target merges into has such a key of somebody else, which is never taken.',
  ),
  SyncRefused: terminal('The vault does not answer a value of a target; the message names the secret.'),

  // The machinery (runtime).
  Aborted: aborted('The operator was stopping, or another one took over.'),
  InternalError: transient('An error that nobody foresaw; see the log.'),
  KubernetesUnauthorized: auth('The API server does not accept the operator’s credentials.'),
  KubernetesForbidden: auth('RBAC does not allow the operator to do this.'),
  KubernetesConflict: conflict('Another writer changed the object in between.'),
  KubernetesRateLimited: rateLimited('The API server asked to slow down.'),
  KubernetesInvalid: terminal('The API server refused an object as invalid.'),
  KubernetesUnavailable: transient('The API server could not be reached or answered with an error.'),
} satisfies Record<string, ReasonDefinition>;

export type Reason = keyof typeof definitions;

export const REASONS: Readonly<Record<Reason, ReasonDefinition>> = definitions;

export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}

/** How that stands of which a reason is said; null: it is as declared. What no table knows is refused. */
export function standingOf(reason: string): Standing | null {
  return isReason(reason) ? REASONS[reason].standing : 'Refused';
}
