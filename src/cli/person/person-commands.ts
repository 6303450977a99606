import { ACCESS_COMMANDS } from './commands/access.ts';
import { ACCOUNT_COMMANDS } from './commands/account.ts';
import { ALERT_COMMANDS } from './commands/alert.ts';
import { AUDIT_COMMANDS } from './commands/audit.ts';
import { AUTOMATION_COMMANDS } from './commands/automation.ts';
import { CONFIRMATION_COMMANDS } from './commands/confirmation.ts';
import { ENROLLMENT_COMMANDS } from './commands/enrollment.ts';
import { GROUP_COMMANDS } from './commands/group.ts';
import { INTEGRATION_COMMANDS } from './commands/integration.ts';
import { IP_ALLOWLIST_COMMANDS } from './commands/ip-allowlist.ts';
import { MACHINE_COMMANDS } from './commands/machine.ts';
import { MEMBER_COMMANDS } from './commands/member.ts';
import { MY_VAULTS_COMMANDS } from './commands/my-vaults.ts';
import { ORGANIZATION_COMMANDS } from './commands/organization.ts';
import { OWN_ACCOUNT_COMMANDS } from './commands/own-account.ts';
import { POLICY_COMMANDS } from './commands/policy.ts';
import { PROJECT_COMMANDS } from './commands/project.ts';
import { SECRET_COMMANDS } from './commands/secret.ts';
import { TEMPLATE_COMMANDS } from './commands/template.ts';
import { TRASH_COMMANDS } from './commands/trash.ts';
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
  ...AUDIT_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...OWN_ACCOUNT_COMMANDS,
];
