import type { OwnerCommand } from './command.ts';
import { AUDIT_COMMANDS } from './commands/audit.ts';
import { AUTOMATION_COMMANDS } from './commands/automation.ts';
import { ENROLLMENT_COMMANDS } from './commands/enrollment.ts';
import { IP_ALLOWLIST_COMMANDS } from './commands/ip-allowlist.ts';
import { MACHINE_COMMANDS } from './commands/machine.ts';
import { MEMBER_COMMANDS } from './commands/member.ts';
import { SECRET_COMMANDS } from './commands/secret.ts';

export const OWNER_COMMANDS: readonly OwnerCommand[] = [
  ...MEMBER_COMMANDS,
  ...SECRET_COMMANDS,
  ...MACHINE_COMMANDS,
  ...ENROLLMENT_COMMANDS,
  ...IP_ALLOWLIST_COMMANDS,
  ...AUTOMATION_COMMANDS,
  ...AUDIT_COMMANDS,
];
