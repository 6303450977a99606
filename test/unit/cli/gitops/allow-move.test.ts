import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operatorCommand } from '#cli/gitops/operator-command.ts';

function allowed(...args: string[]): unknown {
  const command = operatorCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parseOptions(args);
  return command.opts().allowMove;
}

test('--allow-move names an Organization and a vault, or any at a URL, and can be repeated', () => {
  expect(allowed()).toEqual([]);
  const vaultId = 'vault_0123456789abcdef';
  const moves = [
    `acme/acme=https://vault.acme.example/${vaultId}`,
    'acme/other=https://Vault.other.example:443',
  ];
  expect(allowed('--allow-move', moves[0] ?? '', `--allow-move=${moves[1]}`)).toEqual([
    { organization: 'acme/acme', url: 'https://vault.acme.example', vaultId },
    { organization: 'acme/other', url: 'https://vault.other.example', vaultId: null },
  ]);
});

test.each([
  'https://vault.acme.example',
  'acme=https://vault.acme.example',
  'acme/acme=http://vault.acme.example',
  'acme/acme=https://vault.acme.example/vaults',
])('--allow-move %s is refused with an example', (text) => {
  expect(() => allowed('--allow-move', text)).toThrow(
    'acme/acme=https://vault.acme.example/vault_0123456789abcdef',
  );
});

test('the chart starts the operator with options that it has', () => {
  const chart = join(import.meta.dirname, '../../../../charts/seneschal/templates/deployment.yaml');
  const args = [...readFileSync(chart, 'utf8').matchAll(/- (--[a-z-]+)=/g)].map(([, option]) => option);
  expect(args).toContain('--allow-move');
  const options = operatorCommand().options.map(({ long }) => long);
  for (const option of args) expect(options).toContain(option);
});
