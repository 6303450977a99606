/**
 * The steps of a plan (design §5). `before` and `after` are the whole decision: with kind, key and vault id
 * they make the step's hash, so the same decision has the same hash tomorrow and on another machine.
 * The vault refuses a step whose `before` no longer holds.
 */
import type { ProjectFields, RailSettings, SecretGenerator, TemplateFields } from './fields.ts';
import type { KeyEnd } from './key-ends.ts';
import type { GroupContent, MachineProject, MemberAccess, MemberState } from './organization.ts';
import type { Json, ManagedKind } from './record.ts';

interface Action<Kind extends string, Before, After> {
  readonly kind: Kind;
  /** Natural key: e-mail, name, `project/secret`; the vault id for the organization. */
  readonly key: string;
  readonly before: Before;
  readonly after: After;
}

type Name = { readonly displayName: string };
type Called = { readonly name: string };
type OwnProject = Omit<ProjectFields, 'secrets'>;
type Fingerprint = { readonly fingerprint: string };
type Enabled = { readonly enabled: boolean };
type MachineAccess = { readonly access: readonly MachineProject[] };

export type StepAction =
  | Action<'RenameOrganization', Name, Name>
  /**
   * Rail 10: all records of the former manager become this one's, and what stood beside its Organization comes from this
   * namespace. By the number of its last lease, so that it is good once.
   */
  | Action<
      'TakeOver',
      { readonly manager: string; readonly fencing: number },
      { readonly manager: string; readonly namespace: string }
    >
  /** Keeps the rails last applied at the vault: loosening is judged by them (design §4, PlanApproval). */
  | Action<'ApplySettings', RailSettings | null, RailSettings>
  /** The key is the new name: the thing itself, with all that is in it and all that names it. */
  | Action<'RenameProject', Called, Called>
  | Action<'RenameTemplate', Called, Called>
  | Action<'CreateTemplate', null, TemplateFields>
  | Action<'UpdateTemplate', TemplateFields, TemplateFields>
  | Action<'DeleteTemplate', TemplateFields, null>
  | Action<'CreateGroup', null, GroupContent>
  /**
   * Description and grants as a whole. Of the members those alone whom it takes off the list (`before`) and puts on it
   * (`after`), both with their ends: the decision stays the same whoever else comes and goes (decision 0040). Who stays to
   * another end is in both.
   */
  | Action<'UpdateGroup', GroupContent, GroupContent>
  | Action<'DeleteGroup', Omit<GroupContent, 'members' | 'ends'>, null>
  | Action<'CreateProject', null, OwnProject>
  | Action<'UpdateProject', OwnProject, OwnProject>
  /** P2: the secrets within go to the trash with it. */
  | Action<'DeleteProject', ProjectFields, null>
  /**
   * Rail 7: what a person deleted comes back from the trash, under its name and as the thing that it was: a project with
   * the secrets that went with it, named for whoever approves.
   */
  | Action<'RestoreProject', null, ProjectFields & { readonly id: string }>
  | Action<'CreateSecret', null, { readonly generator: SecretGenerator }>
  /** Rail 7: the same of one secret; with its value, or with a new version by the generator. */
  | Action<'RestoreSecret', null, { readonly id: string; readonly newValue: SecretGenerator | null }>
  | Action<'InviteMember', null, MemberAccess>
  | Action<'ResendInvite', { readonly attempts: number }, { readonly attempts: number }>
  | Action<'CancelInvite', MemberAccess, null>
  /** Role, template, scope and grants at once: a replacement runs as one step or not at all. */
  | Action<'SetMemberAccess', MemberAccess, MemberAccess>
  | Action<'SuspendMember', { readonly state: MemberState }, { readonly state: 'Suspended' }>
  | Action<'UnsuspendMember', { readonly state: 'Suspended' }, { readonly state: 'Active' }>
  | Action<'RemoveMember', MemberAccess & { readonly state: MemberState }, null>
  /** Left to the operator: the key pair is made in the cluster. The public key travels beside the step. */
  | Action<'RegisterMachine', null, Record<string, never>>
  /** A lost private half: the new key takes the free slot. `before` is the fingerprints there are. */
  | Action<'AddMachineKey', { readonly fingerprints: readonly string[] }, Fingerprint>
  /** Decided by the vault when it runs: a key that is in use, or that others brought, stays. Key: the machine. */
  | Action<'RevokeKeyIfIdle', { readonly fingerprints: readonly string[] }, KeyEnd>
  | Action<'SetMachineAccess', MachineAccess, MachineAccess>
  | Action<'EnableMachine', Enabled, Enabled>
  | Action<'DisableMachine', Enabled, Enabled>
  | Action<'RevokeMachine', MachineAccess, null>
  /** Declared and already matching, without a record: takes it into management. Changes nothing by itself; what the manager can do from then on may be a gain (`adoption.ts`). Key `Kind/key`. */
  | Action<'Claim', null, { readonly kind: ManagedKind; readonly applied: Json }>
  /** Declared no longer, kept in the vault (`deletionPolicy: Orphan`): drops the record alone. Key `Kind/key`. */
  | Action<'Release', { readonly kind: ManagedKind }, null>;

export type StepKind = StepAction['kind'];

/** The steps of one kind. */
export type ActionOf<Kind extends StepKind> = Extract<StepAction, { readonly kind: Kind }>;
