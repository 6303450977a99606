/** `status`: what an organization waits for, what ends soon, and what nobody uses. Pure. */
import { endText, hasEnded } from '#model/ends.ts';
import { leaseText } from '#model/lease-text.ts';
import type { FreezeFlag, LeaseState, OrganizationState } from '#model/organization.ts';
import type { Tombstone } from '#model/record.ts';
import type { TraceAnswer } from '#protocol/management.ts';
import { section } from './explain-text.ts';
import { cutText } from './import/left-out.ts';

export const DAY = 24 * 60 * 60 * 1000;
/** Ends that are told of. */
const SOON = 30 * DAY;
/** What was not used for so long is told of. */
const UNUSED = 90 * DAY;

export interface OrganizationStatus {
  readonly vault: string;
  readonly displayName: string;
  readonly owner: string;
  readonly revision: number;
  readonly tier: {
    readonly name: string;
    readonly members: number;
    readonly seats: number | null;
    readonly lapsedAt: number | null;
  };
  readonly frozen: FreezeFlag | null;
  readonly lease: LeaseState | null;
  /** Losses that the rails hold, by class. */
  readonly held: readonly { readonly class: string; readonly steps: number }[];
  readonly invites: readonly {
    readonly email: string;
    readonly expiresAt: number;
    readonly attempts: number;
    readonly open: boolean;
  }[];
  /** In the order of their time. */
  readonly ends: readonly { readonly what: string; readonly at: number }[];
  readonly cuts: readonly Tombstone[];
  /** Keys that were not used for 90 days, or never since they were made so long ago. */
  readonly unused: readonly {
    readonly machine: string;
    readonly fingerprint: string;
    readonly lastUsedAt: number | null;
  }[];
  /** What nobody declares, by kind. */
  readonly foreign: Readonly<Record<string, readonly string[]>>;
}

export function statusOf(
  state: OrganizationState,
  beside: {
    readonly freeze: FreezeFlag | null;
    readonly lease: LeaseState | null;
  },
  keys: TraceAnswer['keys'],
  now: number,
): OrganizationStatus {
  const { vaultId: vault, displayName, owner, revision, plan } = state;
  return {
    vault,
    displayName,
    owner,
    revision,
    tier: {
      name: plan.name,
      members: state.members.length,
      seats: plan.caps.members,
      lapsedAt: plan.lapsedAt ?? null,
    },
    frozen: beside.freeze,
    lease: beside.lease,
    held: state.holds.map((hold) => ({ class: hold.class, steps: hold.stepHashes.length })),
    invites: state.members.flatMap(({ email, invite }) =>
      invite === null
        ? []
        : [{ email, expiresAt: invite.expiresAt, attempts: invite.attempts, open: invite.expiresAt > now }],
    ),
    ends: endsOf(state)
      .filter(({ at }) => !hasEnded(at, now) && at <= now + SOON)
      .sort((a, b) => a.at - b.at || (a.what < b.what ? -1 : 1)),
    cuts: state.tombstones,
    unused: keys
      .filter(({ createdAt, lastUsedAt }) => (lastUsedAt ?? createdAt) <= now - UNUSED)
      .map(({ machine, fingerprint, lastUsedAt }) => ({ machine, fingerprint, lastUsedAt })),
    foreign: foreignOf(state),
  };
}

function endsOf({ members, groups }: OrganizationState): { readonly what: string; readonly at: number }[] {
  const one = (what: string, at: number | undefined) => (at === undefined ? [] : [{ what, at }]);
  return [
    ...members.flatMap(({ email, expiresAt, template, templateExpiresAt, grants }) => [
      ...one(`the membership of ${email}`, expiresAt),
      ...one(`the template ${template} of ${email}`, templateExpiresAt),
      ...grants.flatMap((grant) => one(`the grant of ${email} in ${grant.project}`, grant.expiresAt)),
    ]),
    ...groups.flatMap(({ name, ends = [], grants }) => [
      ...ends.flatMap(({ member, expiresAt }) => one(`${member} in the group ${name}`, expiresAt)),
      ...grants.flatMap((grant) =>
        one(`the grant of the group ${name} in ${grant.project}`, grant.expiresAt),
      ),
    ]),
  ];
}

/** Without a record, whatever any folder says; the owner is nobody's to declare. */
function foreignOf(state: OrganizationState): Record<string, readonly string[]> {
  const recorded = new Set(state.records.map(({ kind, key }) => `${kind}/${key}`));
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['Member', state.members.filter(({ role }) => role !== 'Owner').map(({ email }) => email)],
    ['Group', state.groups.map(({ name }) => name)],
    ['PermissionTemplate', state.templates.map(({ name }) => name)],
    ['Project', state.projects.map(({ name }) => name)],
    ['MachineBinding', state.machines.map(({ name }) => name)],
  ];
  return Object.fromEntries(
    kinds.flatMap(([kind, keys]) => {
      const foreign = keys.filter((key) => !recorded.has(`${kind}/${key}`));
      return foreign.length === 0 ? [] : [[kind, foreign]];
    }),
  );
}

export function statusText(status: OrganizationStatus): string {
  const { tier, frozen, lease } = status;
  const seats = tier.seats === null ? `${tier.members} members` : `${tier.members} of ${tier.seats} seats`;
  return [
    `${status.displayName}, ${status.vault} at revision ${status.revision}, owner ${status.owner}`,
    `${tier.name}: ${seats}${tier.lapsedAt === null ? '' : `, lapsed at ${endText(tier.lapsedAt)}`}`,
    ...(frozen === null ? [] : [`Frozen by ${frozen.by} at ${endText(frozen.at)}: ${frozen.reason}`]),
    ...(lease === null ? [] : [leaseText(lease)]),
    ...section(
      'Held losses:',
      status.held.map((held) => `${held.class}: ${held.steps}`),
    ),
    ...section(
      'Invites:',
      status.invites.map(
        ({ email, expiresAt, attempts, open }) =>
          `${email}: ${open ? 'open until' : 'expired at'} ${endText(expiresAt)}, sent ${attempts === 1 ? 'once' : `${attempts} times`}`,
      ),
    ),
    ...section(
      'Ends within 30 days:',
      status.ends.map(({ what, at }) => `${endText(at)} ${what}`),
    ),
    ...section('Cut by people:', status.cuts.map(cutText)),
    ...section(
      'Keys not used for 90 days:',
      status.unused.map(
        ({ machine, fingerprint, lastUsedAt }) =>
          `${machine} ${fingerprint}, last used ${lastUsedAt === null ? 'never' : endText(lastUsedAt)}`,
      ),
    ),
    ...section(
      'Declared by nobody:',
      Object.entries(status.foreign).map(([kind, keys]) => `${kind}: ${keys.join(', ')}`),
    ),
  ].join('\n');
}
