/** The one command by which a machine registers itself: it fails where its download fails, and brings the authority. */

/** What may stand between single quotes of a shell. */
const PLAIN = /^[A-Za-z0-9_.:/[\]-]+$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----/g;

/** Throws RangeError where a text holds what a shell, PowerShell or YAML would take for more than text. */
export function requirePlain(...facts: readonly string[]): void {
  for (const fact of facts) {
    if (!PLAIN.test(fact)) throw new RangeError('a fact of the script is no plain text');
  }
}

/** The lines of the certificates of a PEM file, and nothing that stands between them. */
export function certificateLines(pem: string): readonly string[] {
  return [...pem.matchAll(CERTIFICATE)].flatMap(([, body = '']) => [
    '-----BEGIN CERTIFICATE-----',
    ...body.trim().split(/\s+/),
    '-----END CERTIFICATE-----',
  ]);
}

export interface BootstrapCommands {
  readonly sh: string;
  readonly powershell: string;
  readonly kubernetes: string;
}

/**
 * By URL of the script: none of its own path, no slash at the end. `caCertificate`: PEM; null where systems know the
 * authority. It stands in the command itself, so that whoever trusts the command trusts the vault; PowerShell takes none, and
 * asks for it in the store of the system. Throws RangeError.
 */
export function bootstrapCommands(url: string, caCertificate: string | null): BootstrapCommands {
  requirePlain(url);
  const piped = (path: string, otherwise: string, into: string): string => {
    if (caCertificate === null) return `(curl -sSL ${url}${path} || echo '${otherwise}') | ${into}`;
    const pem = certificateLines(caCertificate).join('\\n');
    return (
      `ca=$(mktemp) && printf '%b\\n' '${pem}' >"$ca" && ` +
      `(curl -sSL --cacert "$ca" ${url}${path} || echo '${otherwise}'; rm -f "$ca") | ${into}`
    );
  };
  return {
    sh: piped('', 'exit 1', 'sh'),
    powershell: `Invoke-RestMethod ${url}/ps | Invoke-Expression`,
    // Nothing to apply is an error of kubectl.
    kubernetes: piped('/k8s', '#', 'kubectl apply -f -'),
  };
}
