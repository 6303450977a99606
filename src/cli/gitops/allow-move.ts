/** `--allow-move`: where the vault of an Organization moved to; by whoever runs the operator, and by nobody else. */
import { InvalidArgumentError, Option } from 'commander';
import { type AllowedMove, allowedMoveOf } from '#controllers/organization/vault-moves.ts';

export function allowMoveOption(): Option {
  return new Option(
    '--allow-move <namespace/name=url/vault-id>',
    'let this Organization go on at that vault, though its Secrets were made for another address; ' +
      'without the vault id: at any vault of that URL; can be repeated',
  )
    .default([], 'none')
    .argParser(added);
}

/** Throws InvalidArgumentError. */
function added(text: string, before: readonly AllowedMove[]): readonly AllowedMove[] {
  const move = allowedMoveOf(text);
  if (move === null)
    throw new InvalidArgumentError(
      'expected an Organization, and url and vault id of its credentials, such as ' +
        'acme/acme=https://vault.acme.example/vault_0123456789abcdef.',
    );
  return [...before, move];
}
