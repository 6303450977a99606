/**
 * The tables of the vault server as Kysely sees them, one file an idea in `tables/`. The SQL is in `migrations/`;
 * nothing but the tests of what uses a table holds the two against each other. Portable to PostgreSQL: times are integers in milliseconds, flags are 0 or 1,
 * JSON and keys are text.
 */
import type { AccessTables } from './tables/access-tables.ts';
import type { AuditTables } from './tables/audit-tables.ts';
import type { AutomationTables } from './tables/automation-tables.ts';
import type { MachineTables } from './tables/machine-tables.ts';
import type { ManagedTables } from './tables/managed-tables.ts';
import type { OutgoingTables } from './tables/outgoing-tables.ts';
import type { PeopleTables } from './tables/people-tables.ts';
import type { RequestTables } from './tables/request-tables.ts';
import type { SecretTables } from './tables/secret-tables.ts';
import type { SignInTables } from './tables/sign-in-tables.ts';
import type { VaultTables } from './tables/vault-tables.ts';

export type * from './tables/access-tables.ts';
export type * from './tables/audit-tables.ts';
export type * from './tables/automation-tables.ts';
export type * from './tables/machine-tables.ts';
export type * from './tables/managed-tables.ts';
export type * from './tables/outgoing-tables.ts';
export type * from './tables/people-tables.ts';
export type * from './tables/request-tables.ts';
export type * from './tables/secret-tables.ts';
export type * from './tables/sign-in-tables.ts';
export type * from './tables/vault-tables.ts';

export interface Database
  extends AccessTables,
    AuditTables,
    AutomationTables,
    MachineTables,
    ManagedTables,
    OutgoingTables,
    PeopleTables,
    RequestTables,
    SecretTables,
    SignInTables,
    VaultTables {}
