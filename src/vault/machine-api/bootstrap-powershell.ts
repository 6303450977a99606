/** The same for PowerShell, 5.1 and later, with openssl: Windows makes no Ed25519 keys by itself. */
import { certificateLines, requirePlain } from '../machines/bootstrap-command.ts';
import type { BootstrapFacts } from './bootstrap-script.ts';

/** One block, so that a download that breaks off runs nothing. Throws RangeError. */
export function bootstrapPowerShell(facts: BootstrapFacts): string {
  const { vaultId, apiUrl, token, caCertificate } = facts;
  requirePlain(vaultId, apiUrl, token);
  const certificate = caCertificate === null ? [] : certificateLines(caCertificate);
  const quoted = certificate.map((line) => `    '${line}'`).join(',\n');
  return `& {
  $ErrorActionPreference = 'Stop'
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072
  $vault = '${vaultId}'
  $url = '${apiUrl}'
  $token = '${token}'
  $authority = @(
${quoted}
  )

  if (-not (Get-Command openssl -ErrorAction SilentlyContinue)) {
    throw 'bootstrap: openssl is needed, 1.1.1 or later; Git for Windows has it'
  }
  $root = $env:SIKKERKEY_HOME
  if (-not $root) { $root = Join-Path $HOME '.sikkerkey' }
  $dir = Join-Path (Join-Path $root 'vaults') $vault
  New-Item -ItemType Directory -Force -Path $dir | Out-Null
  $dir = (Resolve-Path $dir).Path
  $identity = Join-Path $dir 'identity.json'
  $key = Join-Path $dir 'private.pem'
  $new = Join-Path $dir 'private.pem.new'
  $der = Join-Path $dir 'public.der.new'
  if (Test-Path $identity) { throw "bootstrap: there is an identity in $dir already" }
  if ($env:OS -eq 'Windows_NT') {
    icacls $dir /inheritance:r /grant:r "$($env:USERNAME):(OI)(CI)F" | Out-Null
  } else {
    chmod 700 $dir
  }
  try {
    openssl genpkey -algorithm Ed25519 -out $new
    if ($LASTEXITCODE -ne 0) { throw 'bootstrap: this openssl makes no Ed25519 keys' }
    openssl pkey -in $new -pubout -outform DER -out $der
    if ($LASTEXITCODE -ne 0) { throw 'bootstrap: openssl gives no public key' }
    if ($env:OS -ne 'Windows_NT') { chmod 600 $new }
    $bytes = [IO.File]::ReadAllBytes($der)
    $public = [Convert]::ToBase64String($bytes, $bytes.Length - 32, 32)
    $hostname = [Net.Dns]::GetHostName() -replace '[^A-Za-z0-9._-]', ''
    if (-not $hostname) { $hostname = 'machine' }
    $body = @{ token = $token; publicKey = $public; hostname = $hostname } | ConvertTo-Json -Compress
    $answer = Invoke-RestMethod -Method Post -Uri "$url/v1/bootstrap/register" -ContentType 'application/json' -Body $body
    $facts = [ordered]@{
      machineId = $answer.machineId
      machineName = $answer.machineName
      vaultId = $vault
      apiUrl = $url
      privateKeyPath = $key
    }
    if ($authority.Count -gt 0) { [IO.File]::WriteAllText((Join-Path $dir 'ca.crt'), ($authority -join "\`n") + "\`n") }
    Move-Item -Force $new $key
    [IO.File]::WriteAllText($identity, ($facts | ConvertTo-Json -Compress))
  } finally {
    Remove-Item -Force -ErrorAction SilentlyContinue $new, $der
  }
  "The machine $($answer.machineName) ($($answer.machineId)) is registered and waits for a person to approve it."
  "Its identity is in $dir."
}
`;
}
