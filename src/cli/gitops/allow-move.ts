/** `--allow-move`: where the vault of an Organization moved to; by whoever runs the operator, and by nobody else. */
import { InvalidArgumentError, Option } from 'commander';
import { type AllowedMove, allowedMoveOf } from '#controllers/organization/vault-moves.ts';

export function allowMoveOption(): Option {
  return new Option(
    '--allow-move <namespace/name=url>',
    'let this Organization go on at that URL, though its Secrets were made for another; can be repeated',
  )
    .default([], 'none')
    .argParser(added);
}

/** Throws InvalidArgumentError. */
function added(text: string, before: readonly AllowedMove[]): readonly AllowedMove[] {
  const move = allowedMoveOf(text);
  if (move === null)
    throw new InvalidArgumentError(
      'expected an Organization and the URL of its credentials, such as acme/acme=https://vault.acme.example.',
    );
  return [...before, move];
}
