import { Option } from 'commander';

/** `--credentials`, or `SENESCHAL_CREDENTIALS`: by which automation identity a command asks. `note` is added to what it says. */
export function credentialsOption(note = ''): Option {
  const what =
    'of the automation identity: url, vault-id, automation-id, private.pem, and ca.crt where the authority is private';
  return new Option('--credentials <folder>', `${what}${note}`).env('SENESCHAL_CREDENTIALS');
}
