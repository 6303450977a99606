/** Migrations in order; one that was released is never edited. The SQL runs on SQLite and PostgreSQL alike. */
import { FIRST_TABLES } from './0001-first-tables.ts';
import { HELD_LOSSES } from './0002-held-losses.ts';
import { AUDIT_KEYS } from './0003-keys-that-sign-audit-heads.ts';
import { ENROLLMENT } from './0004-enrollment.ts';
import { BOOTSTRAP } from './0005-bootstrap.ts';
import { GUARDRAILS } from './0006-guardrails.ts';
import { IP_ALLOWLIST } from './0007-ip-allowlist.ts';
import { REPLICAS } from './0008-replicas.ts';
import { PROOF } from './0009-proofs-of-people.ts';
import { MAIL } from './0010-mail.ts';
import { PEOPLE_MAIL } from './0011-mail-between-people.ts';
import { NOTICES } from './0012-notices.ts';
import { SIGN_IN } from './0013-second-factors-and-passkeys.ts';
import { ACCOUNT_CHANGES } from './0014-account-changes.ts';
import { VAULT_KINDS } from './0015-vault-kinds-and-plans.ts';
import { OWNERSHIP_OFFERS } from './0016-ownership-offers.ts';
import { ROUNDS } from './0017-rounds.ts';
import { CONFIRMATIONS } from './0018-confirmations.ts';
import { GROUPS } from './0019-groups.ts';
import { TEMPLATE_ARCHIVE } from './0020-archive-of-templates.ts';
import { SECRET_LIFE } from './0021-the-life-of-secrets.ts';
import { POLICIES } from './0022-policies.ts';
import { AUTOMATION } from './0023-bounds-and-keys-of-automation.ts';
import { PEOPLE_ANSWERS } from './0024-answers-to-people.ts';
import { TOMBSTONES_BY_ACT } from './0025-tombstones-by-act.ts';
import { ANSWERS_AND_ADDRESSES } from './0026-answers-to-automation-with-their-requests-and-its-addresses.ts';
import { MAKERS } from './0027-makers-of-tokens-and-keys.ts';
import { INVITES_AND_RAISES } from './0031-invites-among-losses-and-raises.ts';
import { GAINS_AND_MANAGERS } from './0032-budgets-managers-and-machine-addresses-of-automation.ts';
import { KEYS_OF_AUTOMATION } from './0033-keys-of-automation.ts';
import { MEMBERS_WHO_APPROVE } from './0034-members-who-approve.ts';
import { FREEZE_OF_EVERYTHING } from './0038-freeze-of-everything.ts';
import { DESCRIPTIONS_OF_GROUPS } from './0040-descriptions-of-groups.ts';
import { ACCESS_ENDS } from './0041-access-that-ends.ts';
import { NAMESPACE_ACCESS } from './0043-which-namespaces-bring-what.ts';
import { FINAL_CUTS } from './0044-final-cuts.ts';
import { LEASES_OF_INSTALLATIONS } from './0045-whose-the-lease-is.ts';
import { AUTHORITY } from './0046-authority-and-approvers-of-records.ts';
import { MEMBERS_SEEN } from './0047-when-members-were-seen.ts';
import { FORMER_NAMES } from './0048-former-names.ts';
import { NONCES_BY_THEIR_KEY } from './0049-nonces-by-their-key.ts';
import { ENDS_OF_KEYS } from './0050-ends-of-keys.ts';
import { POLLS_BY_SOURCE } from './0051-polls-by-source.ts';
import { WHAT_A_CUT_DELETED } from './0052-what-a-cut-deleted.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'first tables', statements: FIRST_TABLES },
  { number: 2, name: 'held losses', statements: HELD_LOSSES },
  { number: 3, name: 'keys that sign audit heads', statements: AUDIT_KEYS },
  { number: 4, name: 'enrollment', statements: ENROLLMENT },
  { number: 5, name: 'bootstrap', statements: BOOTSTRAP },
  { number: 6, name: 'guardrails', statements: GUARDRAILS },
  { number: 7, name: 'ip allowlist', statements: IP_ALLOWLIST },
  { number: 8, name: 'replicas', statements: REPLICAS },
  { number: 9, name: 'proofs of people', statements: PROOF },
  { number: 10, name: 'mail', statements: MAIL },
  { number: 11, name: 'mail between people', statements: PEOPLE_MAIL },
  { number: 12, name: 'notices', statements: NOTICES },
  { number: 13, name: 'second factors and passkeys', statements: SIGN_IN },
  { number: 14, name: 'account changes', statements: ACCOUNT_CHANGES },
  { number: 15, name: 'vault kinds and plans', statements: VAULT_KINDS },
  { number: 16, name: 'ownership offers', statements: OWNERSHIP_OFFERS },
  { number: 17, name: 'rounds', statements: ROUNDS },
  { number: 18, name: 'confirmations', statements: CONFIRMATIONS },
  { number: 19, name: 'groups', statements: GROUPS },
  { number: 20, name: 'archive of templates', statements: TEMPLATE_ARCHIVE },
  { number: 21, name: 'the life of secrets', statements: SECRET_LIFE },
  { number: 22, name: 'policies', statements: POLICIES },
  { number: 23, name: 'bounds and keys of automation', statements: AUTOMATION },
  { number: 24, name: 'answers to people', statements: PEOPLE_ANSWERS },
  { number: 25, name: 'tombstones by act', statements: TOMBSTONES_BY_ACT },
  {
    number: 26,
    name: 'answers to automation with their requests, and its addresses',
    statements: ANSWERS_AND_ADDRESSES,
  },
  { number: 27, name: 'makers of tokens and keys', statements: MAKERS },
  { number: 31, name: 'invites among losses and raises', statements: INVITES_AND_RAISES },
  {
    number: 32,
    name: 'budgets, managers and machine addresses of automation',
    statements: GAINS_AND_MANAGERS,
  },
  { number: 33, name: 'keys of automation', statements: KEYS_OF_AUTOMATION },
  { number: 34, name: 'members who approve', statements: MEMBERS_WHO_APPROVE },
  { number: 38, name: 'freeze of everything', statements: FREEZE_OF_EVERYTHING },
  { number: 40, name: 'descriptions of groups', statements: DESCRIPTIONS_OF_GROUPS },
  { number: 41, name: 'access that ends', statements: ACCESS_ENDS },
  { number: 43, name: 'which namespaces bring what', statements: NAMESPACE_ACCESS },
  { number: 44, name: 'final cuts', statements: FINAL_CUTS },
  { number: 45, name: 'whose the lease is', statements: LEASES_OF_INSTALLATIONS },
  { number: 46, name: 'authority and approvers of records', statements: AUTHORITY },
  { number: 47, name: 'when members were seen', statements: MEMBERS_SEEN },
  { number: 48, name: 'former names', statements: FORMER_NAMES },
  { number: 49, name: 'nonces by their key', statements: NONCES_BY_THEIR_KEY },
  { number: 50, name: 'ends of keys', statements: ENDS_OF_KEYS },
  { number: 51, name: 'polls by source', statements: POLLS_BY_SOURCE },
  { number: 52, name: 'what a cut deleted', statements: WHAT_A_CUT_DELETED },
];
