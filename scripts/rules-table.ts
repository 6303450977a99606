/**
 * The rules in plain words, as the code has them. What several files decide lists all of them, so that a rule does not
 * come to be decided twice by mistake; CI holds the list against what the files say (docs/rules.md).
 */
export interface Rule {
  /** As comments and tests cite it: `I2`, `rail 7`. */
  readonly id: string;
  readonly sentence: string;
  /** What of the rule is not built yet; goes on after "Not built yet:". */
  readonly missing?: string;
  /** Why none of it is built, and what holds instead; then no file decides it. */
  readonly notBuilt?: string;
  /** All files that decide a part of it, sorted; left out where one file decides the whole. */
  readonly decidedBy?: readonly string[];
}

export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const RULES: readonly RuleGroup[] = [
  {
    title: 'Ownership and roles',
    rules: [
      {
        id: 'O1',
        sentence:
          'A vault is made new, personal or as an organization on a plan, or a personal one is converted to an organization, for good. Converting takes a proof of the owner anew; vault id, projects, secrets, machines and keys stay as they are. An account may own several vaults. Where a second factor is set, the password alone proves nobody.',
        decidedBy: [
          'src/vault/accounts/sign-in/password-check.ts',
          'src/vault/organizations/conversion.ts',
          'src/vault/organizations/organizations.ts',
          'src/vault/organizations/self-service.ts',
          'src/vault/people-api/reauthentication.ts',
          'src/vault/tiers/personal.ts',
        ],
      },
      {
        id: 'O2',
        sentence:
          'An organization can be renamed. Its owner alone deletes it, with the typed word DELETE; accounts and other vaults stay as they are. Neither operator nor command line ever deletes one for Git.',
        decidedBy: ['src/vault/organizations/vault-deletion.ts', 'src/vault/organizations/vault-settings.ts'],
      },
      {
        id: 'O3',
        sentence:
          'There is exactly one owner. The owner offers the ownership to an active member, who accepts within seven days; the former owner becomes an admin, and the automation identities of the vault end. Git never touches the owner.',
        missing: 'a way on where the owner is gone.',
        decidedBy: [
          'src/planning/declared-owner.ts',
          'src/planning/members.ts',
          'src/vault/members/members.ts',
          'src/vault/organizations/ownership.ts',
        ],
      },
      {
        id: 'O4',
        sentence:
          'The roles are owner, admin and member, each with a baseline of cells, to which a template adds. Adding, suspending and removing people is for the owner or a holder of that cell; groups, projects and grants are for admins too; appointing admins and settings are for the owner.',
        decidedBy: ['src/model/capabilities.ts', 'src/vault/authorization/authorization.ts'],
      },
      {
        id: 'O5',
        sentence:
          'When the owner rotates the keys, every member but the owner is out until they have accepted again, and each project gets another key.',
        decidedBy: [
          'src/model/access.ts',
          'src/vault/organizations/reacceptance.ts',
          'src/vault/organizations/rekeying.ts',
        ],
      },
    ],
  },
  {
    title: 'Invites',
    rules: [
      {
        id: 'I1',
        sentence:
          'People are invited by e-mail, one or many at once. The answer is the same whether or not the address has an account. The invite attaches once the address is verified.',
        decidedBy: [
          'src/vault/members/invites.ts',
          'src/vault/members/inviting.ts',
          'src/vault/sessions/constant-time-response.ts',
        ],
      },
      {
        id: 'I2',
        sentence:
          'An invite is open for seven days and sent three times in all, without an edit in Git. A pending one can be sent again and taken back; its inviter and the owner see its state, and the owner gets a mail on acceptance.',
        missing:
          'counting the sendings to an address over taking back and inviting anew, and ending an invite with the membership of who sent it.',
        decidedBy: [
          'src/model/invites.ts',
          'src/planning/open-invite.ts',
          'src/vault/members/inviting.ts',
          'src/vault/members/member-steps.ts',
          'src/vault/members/members.ts',
        ],
      },
      {
        id: 'I3',
        sentence:
          'The invitee accepts or declines. A membership joins an account that is there; it never makes one.',
        decidedBy: ['src/vault/members/invites.ts', 'src/vault/members/members.ts'],
      },
      {
        id: 'I4',
        sentence:
          "Where the owner asks for confirmation, who joins has no access until they have proven a code that reached them outside of the vault's mail, and the owner has confirmed them. The code never comes to the server.",
        decidedBy: [
          'src/identity/confirmation-code.ts',
          'src/model/access.ts',
          'src/protocol/confirmation.ts',
          'src/vault/organizations/confirmation.ts',
        ],
      },
      {
        id: 'I5',
        sentence:
          "The plan's cap of members is checked when an invite is sent. Pending and suspended members count. Over the cap the refusal names plan, cap, used seats and the billing link.",
        decidedBy: ['src/planning/seats.ts', 'src/vault/members/members.ts'],
      },
    ],
  },
  {
    title: 'Membership',
    rules: [
      {
        id: 'M1',
        sentence:
          'Suspending ends sessions at once and blocks access; grants, groups and audit entries stay. Un-suspending gives all of it back, after confirmation where that is asked for. A suspension that Git declares goes before everything else of its pass, in a request of its own.',
        decidedBy: [
          'src/cli/gitops/suspended-first.ts',
          'src/controllers/organization/vault-probes.ts',
          'src/engine/suspend-first.ts',
          'src/model/access.ts',
          'src/planning/member-state.ts',
          'src/planning/suspensions.ts',
          'src/vault/members/member-acts.ts',
          'src/vault/members/members.ts',
        ],
      },
      {
        id: 'M2',
        sentence:
          'Removing drops the membership and all access at once; audit entries stay. The plan and the audit entry list the same to rotate: secrets that the person could set or hand to a machine, secrets that a machine reads by a key which they made, and those keys.',
        decidedBy: ['src/model/rotation.ts', 'src/vault/members/members.ts'],
      },
      {
        id: 'M3',
        sentence: 'Members can leave by themselves; it is audited as their own act.',
        decidedBy: [
          'src/vault/accounts/account-deletion.ts',
          'src/vault/members/member-acts.ts',
          'src/vault/organizations/reacceptance.ts',
        ],
      },
      {
        id: 'M4',
        sentence:
          'Recovering an account by mail alone suspends its memberships, and holds back what an owner so recovered could give away.',
        notBuilt:
          'no account is recovered by mail alone so far: a token that was mailed asks for the second factor as signing in does.',
      },
      {
        id: 'M5',
        sentence:
          'A membership, the assignment of a template, a grant and a membership of a group can have an end. It is compared with the clock at each decision and never executed: from that moment on it gives nothing, exact to the second and with nothing else running, and whoever has ended is as if suspended. A clock that is put right gives everything back by itself.',
        decidedBy: [
          'src/model/access.ts',
          'src/model/ends.ts',
          'src/planning/declared-ends.ts',
          'src/vault/access/access-ends.ts',
          'src/vault/store/active-members.ts',
        ],
      },
    ],
  },
  {
    title: 'Templates',
    rules: [
      {
        id: 'T1',
        sentence:
          'A permission template has a name, a description, cells, and a project scope: all projects or a list. A member holds one at most. The scope can be narrowed for one member.',
        decidedBy: [
          'src/model/access.ts',
          'src/planning/templates.ts',
          'src/vault/members/member-access-acts.ts',
          'src/vault/templates/templates.ts',
        ],
      },
      {
        id: 'T2',
        sentence: 'A change of access acts on the next request of its holder; no new login is needed.',
        decidedBy: ['src/vault/authorization/held-access.ts', 'src/vault/machines/token-makers.ts'],
      },
      {
        id: 'T3',
        sentence: 'Vault-wide cells act on the vault; project cells act only in the projects of the scope.',
        decidedBy: ['src/model/access.ts', 'src/model/capabilities.ts'],
      },
      {
        id: 'T4',
        sentence:
          "Three cells are the owner's alone, and are left out of every template: Templates: Manage, Organization: Assign templates, Organization: Change member scope.",
        decidedBy: [
          'src/model/capabilities.ts',
          'src/planning/templates.ts',
          'src/vault/templates/template-acts.ts',
        ],
      },
    ],
  },
  {
    title: 'Groups',
    rules: [
      {
        id: 'G1',
        sentence:
          'Grants add up, direct or by any group, and Write includes Read. The same grant declared in several objects is one, withdrawn when the last declaration goes.',
        decidedBy: [
          'src/model/access.ts',
          'src/model/capabilities.ts',
          'src/planning/grant-terms.ts',
          'src/planning/grants.ts',
          'src/planning/members.ts',
        ],
      },
      {
        id: 'G2',
        sentence:
          'A group can be created, renamed, duplicated and deleted; deleting it drops the access that it gave. It may list an invitee before they join.',
        decidedBy: [
          'src/model/groups.ts',
          'src/planning/groups.ts',
          'src/planning/memberships.ts',
          'src/vault/groups/group-acts.ts',
          'src/vault/groups/group-steps.ts',
          'src/vault/groups/groups.ts',
        ],
      },
    ],
  },
  {
    title: 'Projects and plans',
    rules: [
      {
        id: 'P1',
        sentence:
          'An organization that is made new starts with a project Main and, where its plan has groups, a group Everyone, both ordinary. A conversion adds nothing.',
      },
      {
        id: 'P2',
        sentence:
          'Projects are created, edited, renamed and deleted. People type the name to delete one; the secrets within go with it. Git renames a project, or a permission template, by `renamedFrom`: once, where it came from, and while nothing of others names it; it keeps all that is in it, and its former name is for 30 days its origin’s alone.',
        decidedBy: [
          'src/model/rename.ts',
          'src/planning/projects.ts',
          'src/planning/renames.ts',
          'src/vault/managed/former-names.ts',
          'src/vault/managed/renaming.ts',
          'src/vault/projects/project-acts.ts',
          'src/vault/secrets/project-steps.ts',
          'src/vault/secrets/secret-deletion.ts',
        ],
      },
      {
        id: 'P3',
        sentence:
          'Members, groups, projects, machines and stored bytes of secret versions have quotas; used and cap are shown.',
        decidedBy: [
          'src/vault/access/usage.ts',
          'src/vault/members/members.ts',
          'src/vault/projects/projects.ts',
          'src/vault/secrets/storage.ts',
          'src/vault/secrets/stored-bytes.ts',
        ],
      },
      {
        id: 'P4',
        sentence:
          "A plan has a name, caps, features and a billing link; whoever runs the server sets it, and leaves some to accounts themselves. An organization whose plan lapsed is frozen: people only read, access can still be taken away, nothing is deleted, machines read on. (In code such a plan is a tier; plan is the engine's word.)",
        missing: 'asking a new owner for the tier after a transfer.',
        decidedBy: [
          'src/planning/group-room.ts',
          'src/vault/authorization/authorization.ts',
          'src/vault/common/tiers.ts',
          'src/vault/organizations/self-service.ts',
          'src/vault/organizations/tier-setting.ts',
          'src/vault/tiers/features.ts',
          'src/vault/tiers/lapse.ts',
          'src/model/lapsed.ts',
        ],
      },
    ],
  },
  {
    title: 'Machines',
    rules: [
      {
        id: 'H1',
        sentence:
          'Membership never gives access at runtime, and a machine never gives access to the dashboard. They meet only where a machine is attached to a project or granted a secret, by a holder of Machines: Manage and of Secrets: Manage in that project. A binding of Git reads projects that are declared beside its Organization, or that `access` names for its namespace.',
        decidedBy: [
          'src/planning/allowed.ts',
          'src/vault/machines/machine-scope.ts',
          'src/vault/machines/token-makers.ts',
        ],
      },
      {
        id: 'H2',
        sentence:
          'A machine in a project reads nothing until it is granted secrets one by one. A pattern is expanded to explicit grants.',
        decidedBy: ['src/planning/machine-access.ts', 'src/vault/machine-api/directory.ts'],
      },
    ],
  },
  {
    title: 'Audit',
    rules: [
      {
        id: 'A1',
        sentence:
          'Every act is in the audit log with its actor. Audit log: View shows a person their own entries; View others shows all.',
        decidedBy: [
          'src/vault/act/actor.ts',
          'src/vault/app/audit-routes.ts',
          'src/vault/audit/audit-list.ts',
        ],
      },
      {
        id: 'A2',
        sentence:
          'No change of what the vault holds without its audit entry, in the same transaction. Bookkeeping is exempt (nonces, sessions, leases).',
      },
      {
        id: 'A3',
        sentence:
          'Each entry carries the hash of the one before, for each vault; reads of machines enter in blocks, one entry a machine and block, before a value leaves. The head is signed. The operator keeps a head outside of the vault, and only observes a vault that no longer leads to it. An export is proven without the vault.',
        decidedBy: [
          'src/engine/anchor.ts',
          'src/engine/may-write.ts',
          'src/vault/audit/chain.ts',
          'src/vault/audit/export-check.ts',
          'src/vault/audit/signed-head.ts',
          'src/vault/machine-api/committed-reads.ts',
        ],
      },
      {
        id: 'A4',
        sentence:
          'What automation does carries where it comes from. First, who changed the spec last: what somebody else than the delivery that the object names changed is theirs, and not from Git. Else the annotations of the object, or the commit that its Flux or Argo CD object applies, or the field manager and time of its last change; on the command line the commit of the work tree. It is a claim, and shown as one; what is longer than the vault takes is cut, and marked as shortened.',
        decidedBy: [
          'src/cli/gitops/commit-trace.ts',
          'src/controllers/organization/deliveries.ts',
          'src/engine/delivery.ts',
          'src/engine/provenance.ts',
          'src/engine/traced.ts',
          'src/model/claimed-provenance.ts',
          'src/model/provenance-text.ts',
          'src/model/repository-address.ts',
          'src/source/work-tree.ts',
          'src/vault/reconciliation/write-headers.ts',
        ],
      },
    ],
  },
  {
    title: 'Vault server',
    rules: [
      {
        id: 'V1',
        sentence:
          'Every write takes `Idempotency-Key` and `If-Match`. A snapshot has an ETag of epoch and revision. A long poll tells what changed, secret versions by a revision of their own.',
        decidedBy: [
          'src/vault/act/etag.ts',
          'src/vault/act/kept-answers.ts',
          'src/vault/automation/delegated-writes.ts',
          'src/vault/people-api/once.ts',
          'src/vault/people-api/preconditions.ts',
          'src/vault/reconciliation/observation.ts',
        ],
      },
      {
        id: 'V2',
        sentence:
          'The OpenAPI 3.1 document is generated from the schemas of the routes, served, and checked in.',
      },
      {
        id: 'V3',
        sentence: 'One function over effective access decides who may do what; no route decides by itself.',
        decidedBy: ['src/model/member-decision.ts', 'src/vault/authorization/authorization.ts'],
      },
      {
        id: 'V4',
        sentence:
          "An automation identity is the owner's delegate, made after a proof anew, with abilities of a closed list, and bounds: projects, addresses, managers that it acts for, what it may give and lose in a time, and what PlanApprovals may release. It can be revoked and can expire. What it signs names the address of the vault that it is for, and an operator asks no other address than that of its Secrets unless whoever runs it allows the move. Transfer, conversion and deletion are never delegated, and it reads no value by itself.",
        decidedBy: [
          'src/controllers/organization/vault-moves.ts',
          'src/engine/declared-address.ts',
          'src/model/bounded-steps.ts',
          'src/model/gains.ts',
          'src/model/key-ends.ts',
          'src/planning/delegated.ts',
          'src/planning/ended-keys.ts',
          'src/protocol/audience.ts',
          'src/protocol/management.ts',
          'src/protocol/signing.ts',
          'src/provider/seneschal/automation-credentials.ts',
          'src/vault/alerts/matching.ts',
          'src/vault/authorization/authorization.ts',
          'src/vault/automation/automation-authentication.ts',
          'src/vault/automation/automation-bounds.ts',
          'src/vault/automation/automations.ts',
          'src/vault/automation/delegation.ts',
          'src/vault/automation/first-manager.ts',
          'src/vault/automation/gain-budgets.ts',
          'src/vault/machines/compromised-keys.ts',
          'src/vault/machines/key-addresses.ts',
          'src/vault/machines/machine-key-ends.ts',
          'src/vault/reconciliation/lease.ts',
        ],
      },
      {
        id: 'V5',
        sentence:
          "Each version of a secret has a data key of its own, wrapped by the project's key, wrapped by a root key that is never in the database. Without the root key the server is sealed. Passwords are hashed by Argon2id, tokens are stored hashed.",
        decidedBy: [
          'src/vault/common/token.ts',
          'src/vault/crypto/root-key.ts',
          'src/vault/crypto/secret-cipher.ts',
          'src/vault/sessions/password.ts',
          'src/vault/sessions/sessions.ts',
          'src/vault/upkeep/root-key-rotation.ts',
        ],
      },
      {
        id: 'V6',
        sentence:
          'SQLite in WAL mode by default, PostgreSQL by URL for several replicas; migrations in order, backup and restore.',
        decidedBy: [
          'src/vault/store/migrate.ts',
          'src/vault/store/postgres-store.ts',
          'src/vault/store/sqlite-store.ts',
          'src/vault/store/store.ts',
          'src/vault/upkeep/backup.ts',
          'src/vault/upkeep/restore.ts',
        ],
      },
      {
        id: 'V7',
        sentence:
          'Bodies, pages and rates are bounded, a path has one spelling, and no name is a path. Failures lock out an identity for a source, never a valid signature for the failures of others. The source address goes by a list of trusted proxies. Each replica that polls learns of each change at least once, by a bounded memory of source addresses. A refusal is `{"error": "..."}` on the machine plane and a problem document (RFC 9457) on the management plane.',
        missing: 'counting an IPv6 /64 as one source.',
        decidedBy: [
          'src/model/names.ts',
          'src/protocol/request-path.ts',
          'src/vault/act/lockout.ts',
          'src/vault/act/new-name.ts',
          'src/vault/http/listener.ts',
          'src/vault/http/network.ts',
          'src/vault/http/page.ts',
          'src/vault/http/problem.ts',
          'src/vault/http/rates.ts',
          'src/vault/http/request-body.ts',
          'src/vault/http/request-path.ts',
          'src/vault/people-api/references.ts',
          'src/vault/machine-api/poll-memory.ts',
          'src/vault/machine-api/poll-rates.ts',
          'src/vault/machine-api/refusal.ts',
          'src/vault/sessions/unauthenticated-rate-limit.ts',
        ],
      },
      {
        id: 'V8',
        sentence:
          'Secrets are plain or structured, have versions, a way back to an older one, and a trash of 30 days. Values enter by people with Secrets: Manage or by a generator. People never read them.',
        decidedBy: [
          'src/vault/secrets/secret-values.ts',
          'src/vault/secrets/secrets.ts',
          'src/vault/secrets/trash.ts',
          'src/vault/secrets/versions.ts',
        ],
      },
      {
        id: 'V9',
        sentence:
          "The sync route answers values for many machines at once to an automation identity, each by a proof of the machine's own key. Memory of polls and last use of keys stay as they are. Secrets whose policy meters reads are refused.",
        decidedBy: ['src/protocol/signing.ts', 'src/vault/reconciliation/sync.ts'],
      },
    ],
  },
  {
    title: 'Rails',
    rules: [
      {
        id: 'rail 1',
        sentence:
          'What seven days may lose is bounded for each class. Losses wait until they have been the same for a while, and run all or none for each class, under a reservation at the vault, which enforces the budget a second time. What is held leaves by approval or by Git alone. Loosening the rails takes approval.',
        decidedBy: [
          'src/controllers/organization/fresh-view.ts',
          'src/model/consequence.ts',
          'src/model/loosened.ts',
          'src/model/loss.ts',
          'src/model/population.ts',
          'src/planning/rails/budget.ts',
          'src/planning/rails/holds.ts',
          'src/planning/rails/losses.ts',
          'src/planning/rails/settling.ts',
          'src/planning/rails/waiting.ts',
          'src/planning/records-let-go.ts',
          'src/vault/automation/ceilings.ts',
          'src/vault/managed/holds.ts',
          'src/vault/reconciliation/losses.ts',
        ],
      },
      {
        id: 'rail 2',
        sentence:
          'What raises privilege waits for approval, from another namespace than the Organization’s always; such a namespace brings what `access` names, and nothing else. A key of a machine does where no key that the machine has signs for it, unless the manager brought a key of that machine before and its delegation has such keys left.',
        decidedBy: [
          'src/model/key-proof.ts',
          'src/model/namespace-access.ts',
          'src/planning/allowed.ts',
          'src/planning/asked-items.ts',
          'src/planning/managed-by-object.ts',
          'src/controllers/organization/statuses/refused.ts',
          'src/planning/rails/added-keys.ts',
          'src/protocol/signing.ts',
          'src/vault/machines/key-proof.ts',
          'src/vault/reconciliation/added-keys.ts',
          'src/model/adoption.ts',
          'src/model/raises.ts',
          'src/model/step-raises.ts',
          'src/planning/rails/claimed.ts',
          'src/model/take-back.ts',
          'src/planning/rails/held-raises.ts',
          'src/vault/reconciliation/approvals.ts',
          'src/vault/reconciliation/approver-proof.ts',
          'src/vault/reconciliation/covered-raises.ts',
          'src/vault/reconciliation/take-backs.ts',
        ],
      },
      {
        id: 'rail 3',
        sentence: 'Never the owner, never a required admin, never the last approver beside the owner.',
        decidedBy: [
          'src/model/people-floor.ts',
          'src/planning/rails/floor.ts',
          'src/vault/members/members.ts',
        ],
      },
      {
        id: 'rail 4',
        sentence: 'Nothing that automation does removes, suspends or narrows what it acts by.',
      },
      {
        id: 'rail 5',
        sentence: 'Nothing, or a file that cannot be read, deletes nothing.',
        decidedBy: ['src/cli/gitops/workspace.ts', 'src/planning/rails/absence.ts', 'src/source/folder.ts'],
      },
      {
        id: 'rail 6',
        sentence: 'Unless everything was read, nothing is lost.',
        decidedBy: ['src/controllers/kind-cache.ts', 'src/engine/desired.ts', 'src/planning/rails/judge.ts'],
      },
      {
        id: 'rail 7',
        sentence:
          'Access that a person took away in the vault is never given back unless `reinstate` names the audit entry; what a person made final, by people alone. Anything else that people did there beyond Git on managed items is put back.',
        decidedBy: [
          'src/model/revocations.ts',
          'src/model/raised.ts',
          'src/planning/deleted-by-people.ts',
          'src/planning/group-cuts.ts',
          'src/planning/revoked-fields.ts',
          'src/planning/revoked-scope.ts',
          'src/planning/standing-revocations.ts',
          'src/vault/managed/given-back-letter.ts',
          'src/vault/managed/tombstones.ts',
          'src/vault/reconciliation/final-cuts.ts',
          'src/vault/secrets/project-steps.ts',
          'src/vault/secrets/restore-steps.ts',
        ],
      },
      {
        id: 'rail 8',
        sentence:
          'One open invite a person, at most as many sendings as I2 has, and as many people an hour and a day as the delegation, and the Organization, say; the rest is queued, unless an approval in the vault has it leave.',
        decidedBy: [
          'src/model/gains.ts',
          'src/planning/open-invite.ts',
          'src/planning/rails/queued-gains.ts',
          'src/vault/members/members.ts',
          'src/vault/reconciliation/approved-invites.ts',
        ],
      },
      {
        id: 'rail 9',
        sentence:
          'Deleting an Organization object, a namespace or the CRDs, or losing the vault, never empties a vault and never hangs anything.',
        decidedBy: [
          'src/controllers/organization/organization-reconcile.ts',
          'src/planning/rails/absence.ts',
        ],
      },
      {
        id: 'rail 10',
        sentence:
          'One writer a vault: a lease with a fencing number that every write carries. Another manager, and another installation of the same one, only observes; a command line of the same one waits for the operator to make room. What an operator did not give back is its installation’s until the owner or an approver hands it over. An Organization that was renamed or moved takes over from its former manager, by an approval in the vault.',
        decidedBy: [
          'src/cli/gitops/under-lease.ts',
          'src/cli/person/handover.ts',
          'src/controllers/organization/former-organization.ts',
          'src/controllers/organization/rivals.ts',
          'src/engine/manager-lease.ts',
          'src/engine/may-write.ts',
          'src/model/lease-standing.ts',
          'src/model/lease-text.ts',
          'src/planning/former-manager.ts',
          'src/planning/rails/stop.ts',
          'src/planning/take-over.ts',
          'src/vault/reconciliation/lease-states.ts',
          'src/vault/reconciliation/lease.ts',
          'src/vault/reconciliation/take-over.ts',
        ],
      },
      {
        id: 'rail 11',
        sentence:
          'What is in the vault, and what Secret of a cluster, was never ours is not changed, unless an annotation consents or the Organization is exclusive for its kind.',
        decidedBy: [
          'src/controllers/machinebinding/ownership.ts',
          'src/controllers/machinebinding/seals.ts',
          'src/controllers/machinebinding/secret-deletion.ts',
          'src/controllers/machinebinding/targets/merged-secret.ts',
          'src/model/takes-foreign.ts',
          'src/planning/claims.ts',
          'src/planning/exclusive.ts',
          'src/planning/foreign-groups.ts',
          'src/planning/foreign.ts',
          'src/planning/named.ts',
          'src/questions/import/imported.ts',
          'src/vault/reconciliation/execution.ts',
        ],
      },
      {
        id: 'rail 12',
        sentence:
          'A frozen vault takes no write of any manager until it is thawed, but for explicit suspensions where it was not frozen with all.',
        missing: 'letting `key.compromised` through.',
        decidedBy: ['src/model/freeze.ts', 'src/planning/rails/stop.ts', 'src/vault/reconciliation/lease.ts'],
      },
    ],
  },
];
