/** The command that approves a digest in the vault, as it stands: whoever copies it says why. */
export function approveCommand(digest: string): string {
  return `seneschal approve ${digest}`;
}
