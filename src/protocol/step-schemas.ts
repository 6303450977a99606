/** One schema a step (model/step.ts), told apart by `kind`. */
import { z } from 'zod';
import { AUTHORITIES, type Authority } from '#model/authority.ts';
import { CATEGORIES, type Capabilities } from '#model/capabilities.ts';
import { LATEST_END } from '#model/ends.ts';
import {
  type NamespaceAccess,
  PRIVILEGE_APPROVALS,
  type RailSettings,
  type SecretGenerator,
  type TemplateFields,
} from '#model/fields.ts';
import { KEY_END_CAUSES, type KeyEnd } from '#model/key-ends.ts';
import { type Budget, LOSS_MODES } from '#model/loss.ts';
import type { GroupContent, MachineProject, MemberAccess, ProjectScope } from '#model/organization.ts';
import { BROUGHT_KINDS, type Json, MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import type { ActionOf, StepAction, StepKind } from '#model/step.ts';
import { LONGEST_MANAGER } from './management.ts';

/** Parsed out of JSON, so whatever is there is JSON. `z.json()` is recursive, which the OpenAPI generator cannot print. */
export const json = z.unknown().refine((value) => value !== undefined) as unknown as z.ZodType<Json>;

/** How a manager calls itself: `namespace/name`, or what the Organization says. */
export const managerName = z.string().min(1).max(LONGEST_MANAGER);

/** The namespace that objects come from. */
export const origin = z.string().max(253);

const key = z.string().min(1).max(512);
const name = z.string().min(1).max(256);
/** Seconds: longer than any `overlap` that a binding may say. */
const LONGEST_IDLE = 400 * 24 * 60 * 60;
const description = z.string().max(4096);
const count = z.int().min(0).max(1_000_000);

const projectScope = z.union([z.literal('All'), z.array(name).max(10_000)]) satisfies z.ZodType<ProjectScope>;

const end = z.exactOptional(z.int().min(0).max(LATEST_END));
const grants = z
  .array(z.strictObject({ project: name, access: z.enum(['Read', 'Write']), expiresAt: end }))
  .max(10_000);

const memberAccess = z.strictObject({
  expiresAt: end,
  role: z.enum(['Owner', 'Admin', 'Member']),
  template: name.nullable(),
  templateExpiresAt: end,
  projectScope: projectScope.nullable(),
  grants,
} satisfies Record<keyof MemberAccess, z.ZodType>) satisfies z.ZodType<MemberAccess>;

const groupContent = z.strictObject({
  description,
  members: z.array(z.string().min(1).max(512)).max(10_000),
  ends: z.exactOptional(
    z
      .array(
        z.strictObject({ member: z.string().min(1).max(512), expiresAt: z.int().min(0).max(LATEST_END) }),
      )
      .max(10_000),
  ),
  grants,
} satisfies Record<keyof GroupContent, z.ZodType>) satisfies z.ZodType<GroupContent>;

const memberState = z.enum(['Invited', 'Active', 'Suspended']);

const capabilities = z.partialRecord(
  z.enum(CATEGORIES),
  z.array(z.string().min(1).max(64)).max(32),
) satisfies z.ZodType<Capabilities>;

const templateFields = z.strictObject({
  description,
  capabilities,
  projectScope,
}) satisfies z.ZodType<TemplateFields>;

const budget = z.strictObject({
  min: count,
  max: count.nullable(),
  percent: z.int().min(0).max(100),
}) satisfies z.ZodType<Budget>;

const names = z.array(z.string().min(1).max(512)).max(1000);

const namespaceAccess = z.strictObject({
  namespace: z.string().min(1).max(63),
  kinds: z.array(z.enum(BROUGHT_KINDS)).max(BROUGHT_KINDS.length),
  roles: z.array(z.enum(['Admin', 'Member'])).max(2),
  templates: names,
  cells: capabilities,
  projects: names,
}) satisfies z.ZodType<NamespaceAccess>;

const kindAuthority = z.enum(AUTHORITIES);

const authority = z.strictObject({
  members: kindAuthority,
  groups: kindAuthority,
  templates: kindAuthority,
  projects: kindAuthority,
  machines: kindAuthority,
}) satisfies z.ZodType<Authority>;

const railSettings = z.strictObject({
  settleSeconds: z.int().min(0).max(6_000_000),
  losses: z.enum(LOSS_MODES),
  lossBudget: z.strictObject({
    people: budget,
    suspensions: budget,
    invites: budget,
    access: budget,
    machines: budget,
    projects: budget,
  }),
  requiredAdmins: names,
  privilegeApproval: z.enum(PRIVILEGE_APPROVALS),
  approvers: z.strictObject({ users: names, groups: names, members: names }),
  access: z.array(namespaceAccess).max(100),
  invites: z.strictObject({
    validForSeconds: z.int().min(3600).max(2_592_000),
    maxAttempts: z.int().min(1).max(10),
    perHour: z.int().min(1).max(1000).nullable(),
  }),
  confirmation: z.boolean(),
  authority,
}) satisfies z.ZodType<RailSettings>;

const generator = z.strictObject({
  length: z.int().min(8).max(1024),
  charset: z.enum(['Alphanumeric', 'Hex', 'Ascii']),
}) satisfies z.ZodType<SecretGenerator>;

const machineAccess = z.strictObject({
  access: z
    .array(z.strictObject({ project: name, secrets: z.array(name).max(10_000) }))
    .max(1000) satisfies z.ZodType<readonly MachineProject[]>,
});

const enabled = z.strictObject({ enabled: z.boolean() });
const attempts = z.strictObject({ attempts: z.int().min(1).max(1000) });
const displayName = z.strictObject({ displayName: z.string().min(1).max(256) });
const called = z.strictObject({ name });
const described = z.strictObject({ description });
export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');
const keyEnd = z.strictObject({
  fingerprint,
  idleFor: z.int().min(0).max(LONGEST_IDLE),
  because: z.enum(KEY_END_CAUSES),
}) satisfies z.ZodType<KeyEnd>;
const projectId = z.string().regex(/^proj_[A-Za-z0-9]{10}$/);
const secretId = z.string().regex(/^sk_[A-Za-z0-9]{10}$/);
const managedKind = z.enum(MANAGED_KINDS) satisfies z.ZodType<ManagedKind>;

const step = <Kind extends StepKind, Before extends z.ZodType, After extends z.ZodType>(
  kind: Kind,
  before: Before,
  after: After,
) => z.strictObject({ kind: z.literal(kind), key, before, after });

const nothing = z.null();

const STEPS = {
  RenameOrganization: step('RenameOrganization', displayName, displayName),
  TakeOver: step(
    'TakeOver',
    z.strictObject({ manager: managerName, fencing: z.int().min(0) }),
    z.strictObject({ manager: managerName, namespace: origin }),
  ),
  ApplySettings: step('ApplySettings', railSettings.nullable(), railSettings),
  RenameProject: step('RenameProject', called, called),
  RenameTemplate: step('RenameTemplate', called, called),
  CreateTemplate: step('CreateTemplate', nothing, templateFields),
  UpdateTemplate: step('UpdateTemplate', templateFields, templateFields),
  DeleteTemplate: step('DeleteTemplate', templateFields, nothing),
  CreateGroup: step('CreateGroup', nothing, groupContent),
  UpdateGroup: step('UpdateGroup', groupContent, groupContent),
  DeleteGroup: step('DeleteGroup', groupContent.omit({ members: true, ends: true }), nothing),
  CreateProject: step('CreateProject', nothing, described),
  UpdateProject: step('UpdateProject', described, described),
  DeleteProject: step(
    'DeleteProject',
    z.strictObject({ description, secrets: z.array(name).max(100_000) }),
    nothing,
  ),
  RestoreProject: step(
    'RestoreProject',
    nothing,
    z.strictObject({ id: projectId, description, secrets: z.array(name).max(100_000) }),
  ),
  CreateSecret: step('CreateSecret', nothing, z.strictObject({ generator })),
  RestoreSecret: step(
    'RestoreSecret',
    nothing,
    z.strictObject({ id: secretId, newValue: generator.nullable() }),
  ),
  InviteMember: step('InviteMember', nothing, memberAccess),
  ResendInvite: step('ResendInvite', attempts, attempts),
  CancelInvite: step('CancelInvite', memberAccess, nothing),
  SetMemberAccess: step('SetMemberAccess', memberAccess, memberAccess),
  SuspendMember: step(
    'SuspendMember',
    z.strictObject({ state: memberState }),
    z.strictObject({ state: z.literal('Suspended') }),
  ),
  UnsuspendMember: step(
    'UnsuspendMember',
    z.strictObject({ state: z.literal('Suspended') }),
    z.strictObject({ state: z.literal('Active') }),
  ),
  RemoveMember: step('RemoveMember', memberAccess.extend({ state: memberState }), nothing),
  RegisterMachine: step('RegisterMachine', nothing, z.strictObject({})),
  AddMachineKey: step(
    'AddMachineKey',
    z.strictObject({ fingerprints: z.array(fingerprint).max(2) }),
    z.strictObject({ fingerprint }),
  ),
  RevokeKeyIfIdle: step(
    'RevokeKeyIfIdle',
    z.strictObject({ fingerprints: z.array(fingerprint).max(2) }),
    keyEnd,
  ),
  SetMachineAccess: step('SetMachineAccess', machineAccess, machineAccess),
  EnableMachine: step('EnableMachine', enabled, enabled),
  DisableMachine: step('DisableMachine', enabled, enabled),
  RevokeMachine: step('RevokeMachine', machineAccess, nothing),
  Claim: step('Claim', nothing, z.strictObject({ kind: managedKind, applied: json })),
  Release: step('Release', z.strictObject({ kind: managedKind }), nothing),
} satisfies { readonly [Kind in StepKind]: z.ZodType<ActionOf<Kind>> };

const [first, ...rest] = Object.values(STEPS);

export const stepAction = z.discriminatedUnion('kind', [
  first as (typeof STEPS)[StepKind],
  ...rest,
]) satisfies z.ZodType<StepAction>;
