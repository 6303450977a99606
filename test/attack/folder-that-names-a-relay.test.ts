import { onTestFinished } from 'vitest';
import { folderWith, seneschal, startDevVault } from '#test/builders/command-line.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { startRelay } from './relay.ts';

const organization = (url: string, vaultId: string): string => `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme}
spec:
  vault:
    seneschal:
      credentialsSecretRef: {name: credentials}
      url: ${url}
      vaultId: ${vaultId}
`;

interface Means {
  /** As the branch has it. */
  readonly url: string;
  /** What the reviewer says of where the vault is. */
  readonly said: readonly string[];
}

attack({
  name: 'has a branch planned and approved whose Organization names a relay',
  actor: 'Author of a pull request',
  rule: 'V4',
  refused: ['exit 6', 'exit 64'],
  permittedBy: "the vault's own address in the folder, and by the reviewer",
  async world() {
    const vault = await startDevVault();
    onTestFinished(() => vault.stop());
    return { vault, relay: await startRelay(Number(new URL(vault.url).port)) };
  },
  attack: ({ vault, relay }): Means[] => [
    { url: relay.url, said: [] },
    { url: relay.url, said: ['--url', vault.url] },
  ],
  control: ({ vault }): Means[] => [{ url: vault.url, said: ['--url', vault.url] }],
  async calls({ vault, relay }, all) {
    const { vaultId, owner, options } = vault;
    const outcomes: Outcome[] = [];
    const tried = async (call: string, fine: number, args: readonly string[]): Promise<void> => {
      const before = relay.seen.length;
      const { code } = await seneschal(...args);
      if (relay.seen.length > before) outcomes.push(done(call, 'sent to the relay'));
      else outcomes.push(code === fine ? done(call, `exit ${code}`) : refused(call, `exit ${code}`));
    };
    for (const { url, said } of all) {
      const folder = folderWith({ 'organization.yaml': organization(url, vaultId) });
      const person = ['--as', owner.email, '--password-file', owner.passwordFile];
      const approval = ['0'.repeat(64), '--reason', 'reviewed', '--folder', folder, ...said, ...person];
      await tried('approve', 0, ['approve', ...approval]);
      await tried('plan', 2, ['plan', folder, ...options]);
    }
    return outcomes;
  },
});
