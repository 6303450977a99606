/**
 * `--connect-to`: a tunnel to a vault. By an option and the environment alone, never by a folder, an object, a session
 * or credentials: what others write says nothing about where connections go.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';

/** The option of every command that asks a vault. */
export function connectToOption(): Option {
  return new Option(
    '--connect-to <host:port>',
    'connect there instead, through a tunnel; certificate and signatures stay those of the URL',
  )
    .env('SENESCHAL_CONNECT_TO')
    .argParser(connectToOf);
}

/** `localhost:8443`, `[::1]:8443`. Throws InvalidArgumentError. */
function connectToOf(text: string): ConnectTo {
  const [, host = '', port = ''] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  if (host === '' || number < 1 || number > 65_535)
    throw new InvalidArgumentError('expected a host and a port, such as localhost:8443.');
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}
