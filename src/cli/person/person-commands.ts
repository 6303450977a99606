import { ACCESS_COMMANDS } from './commands/access-commands.ts';
import { ACCOUNT_COMMANDS } from './commands/account-commands.ts';
import { ALERT_COMMANDS } from './commands/alert-commands.ts';
import { AUDIT_COMMANDS } from './commands/audit-commands.ts';
import { AUTOMATION_COMMANDS } from './commands/automation-commands.ts';
import { CONFIRMATION_COMMANDS } from './commands/confirmation-commands.ts';
import { CUT_COMMANDS } from './commands/cut-commands.ts';
import { ENROLLMENT_COMMANDS } from './commands/enrollment-commands.ts';
import { GROUP_COMMANDS } from './commands/group-commands.ts';
import { INTEGRATION_COMMANDS } from './commands/integration-commands.ts';
import { IP_ALLOWLIST_COMMANDS } from './commands/ip-allowlist-commands.ts';
import { MACHINE_COMMANDS } from './commands/machine-commands.ts';
import { MEMBER_COMMANDS } from './commands/member-commands.ts';
import { MY_VAULTS_COMMANDS } from './commands/my-vaults-commands.ts';
import { ORGANIZATION_COMMANDS } from './commands/organization-commands.ts';
import { OWN_ACCOUNT_COMMANDS } from './commands/own-account-commands.ts';
import { POLICY_COMMANDS } from './commands/policy-commands.ts';
import { PROJECT_COMMANDS } from './commands/project-commands.ts';
import { SECRET_COMMANDS } from './commands/secret-commands.ts';
import { TEMPLATE_COMMANDS } from './commands/template-commands.ts';
import { TRASH_COMMANDS } from './commands/trash-commands.ts';
import type { OwnerCommand } from './person-command.ts';

export const OWNER_COMMANDS: readonly OwnerCommand[] = [
  ...ORGANIZATION_COMMANDS,
  ...MY_VAULTS_COMMANDS,
  ...MEMBER_COMMANDS,
  ...TEMPLATE_COMMANDS,
  ...GROUP_COMMANDS,
  ...ACCESS_COMMANDS,
  ...PROJECT_COMMANDS,
  ...CONFIRMATION_COMMANDS,
  ...SECRET_COMMANDS,
  ...POLICY_COMMANDS,
  ...TRASH_COMMANDS,
  ...MACHINE_COMMANDS,
  ...ENROLLMENT_COMMANDS,
  ...IP_ALLOWLIST_COMMANDS,
  ...AUTOMATION_COMMANDS,
  ...ALERT_COMMANDS,
  ...INTEGRATION_COMMANDS,
  ...CUT_COMMANDS,
  ...AUDIT_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...OWN_ACCOUNT_COMMANDS,
];
