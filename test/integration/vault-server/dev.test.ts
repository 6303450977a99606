import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { program } from '#test/program/program.ts';

interface Described {
  readonly url: string;
  readonly vaultId: string;
  readonly organization: string;
  readonly credentialsDir: string;
  readonly owner: { readonly email: string; readonly passwordFile: string };
  readonly people: readonly { readonly email: string; readonly passwordFile: string }[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}

describe('seneschal vault dev', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints paths, never secrets, and leaves no file after %s',
    async (name) => {
      await using vault = new VaultProcess(['dev', '-o', 'json', '--log-level', 'debug']);
      const described = await vault.described<Described>();
      expect(described).toEqual({
        url: expect.stringMatching(/^http:\/\/localhost:\d+$/),
        vaultId: expect.stringMatching(/^vault_[A-Za-z0-9]{16}$/),
        organization: 'Acme',
        credentialsDir: expect.any(String),
        owner: { email: 'owner@acme.example', passwordFile: expect.any(String) },
        people: [
          { email: 'alice@acme.example', passwordFile: expect.any(String) },
          { email: 'bob@acme.example', passwordFile: expect.any(String) },
        ],
      });
      expect(readdirSync(described.credentialsDir).sort()).toEqual([
        'automation-id',
        'private.pem',
        'url',
        'vault-id',
      ]);
      for (const path of filesBelow(vault.folder)) {
        const { mode } = statSync(path);
        expect([path, (mode & 0o777).toString(8)]).toEqual([
          path,
          statSync(path).isDirectory() ? '700' : '600',
        ]);
      }
      vault.signal(name);
      expect(await vault.ended).toBe(0);
      expect(vault.left()).toEqual([]);
    },
  );

  it('takes the address, the names and the people that are asked for', async () => {
    const id = 'vault_0123456789ABCDEF';
    const people = ['--person', 'carol@corp.example', '--person', 'dave@corp.example'];
    const names = ['--organization', 'Corp', '--owner', 'root@corp.example', '--vault-id', id];
    await using vault = new VaultProcess(['dev', '-o', 'json', ...names, ...people]);
    const described = await vault.described<Described>();
    expect([described.vaultId, described.organization, described.owner.email]).toEqual([
      id,
      'Corp',
      'root@corp.example',
    ]);
    expect(described.people.map(({ email }) => email)).toEqual(['carol@corp.example', 'dave@corp.example']);
  });

  it('answers its automation identity, and with --dir goes on with what is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seneschal-kept-'));
    try {
      const owners: string[] = [];
      const ids: string[] = [];
      for (let run = 0; run < 2; run++) {
        await using vault = new VaultProcess(['dev', '-o', 'json', '--dir', folder]);
        const { vaultId, credentialsDir } = await vault.described<Described>();
        const provider = connect(await credentialsOfFolder(credentialsDir));
        const observed = await provider.observe(null, new AbortController().signal);
        owners.push(observed.snapshot.state.owner);
        ids.push(vaultId);
        await provider.close();
        vault.signal('SIGTERM');
        expect(await vault.ended).toBe(0);
      }
      expect(owners).toEqual(['owner@acme.example', 'owner@acme.example']);
      expect(ids[0]).toBe(ids[1]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('takes values by secret set: one newline off the end, fields from files; nothing is printed or logged', async () => {
    await using vault = new VaultProcess(['dev', '-o', 'json', '--log-level', 'debug']);
    const { url, vaultId, owner } = await vault.described<Described>();
    const person = ['--as', owner.email, '--password-file', owner.passwordFile];
    const place = ['--url', url, '--vault', vaultId, '--project', 'Main'];
    const set = (name: string, input: string, ...more: string[]) =>
      runVault(['secret', 'set', name, ...place, ...person, ...more], input);

    const first = await set('token', 'planted-one\n\n');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Main\/token: version 1 \(sk_[A-Za-z0-9]{10}\)\n$/);
    expect((await set('token', 'planted-two')).stdout).toMatch(/version 2/);
    const file = join(vault.folder, 'field');
    writeFileSync(file, 'planted-three\n');
    expect((await set('pair', '', '--field', `user=@${file}`, `key=@${file}`)).code).toBe(0);

    const inline = await set('pair', '', '--field', 'user=planted-four');
    expect(inline.code).toBe(64);
    expect(inline.stderr).not.toContain('planted');
    const nothing = await set('token', '\n');
    expect(nothing).toMatchObject({ code: 64, stdout: '' });
    expect(nothing.stderr).toContain('nothing was set');
    const bytes = await runVault(['secret', 'set', 'x', ...place, ...person], '\u0000ok');
    expect(bytes.code).toBe(0);
    const nowhere = await runVault(
      ['secret', 'set', 'x', '--url', url, '--vault', vaultId, '--project', 'nowhere', ...person],
      'planted-five',
    );
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toMatch(/There is no project nowhere/);

    vault.signal('SIGTERM');
    const password = readFileSync(owner.passwordFile, 'utf8').trim();
    await vault.ended;
    const written = [vault.stdout, vault.stderr, first.stdout, nowhere.stderr].join('\n');
    expect(vault.stderr).toContain('"plane":"management"');
    expect(written).not.toContain('planted');
    expect(written).not.toContain(password);
    expect(written).not.toMatch(/ses_[A-Za-z0-9_-]{43}/);
  });

  it('says to people where it is, who is who, and what to type, which works as it stands', async () => {
    await using vault = new VaultProcess(['dev']);
    await vault.written('SENESCHAL_CREDENTIALS');
    expect(vault.stdout).toMatch(/^Acme is at http:\/\/localhost:\d+ \(vault_/);
    expect(vault.stdout).toMatch(/^ {2}owner@acme\.example +\S+ {2}\(owner\)$/m);
    const lines = vault.stdout.split('\n').filter((line) => /^ {2}(?:seneschal|export) /.test(line));
    const session = join(vault.folder, 'session.json');
    const seneschal = `seneschal() { "${process.execPath}" "${program()}" "$@"; }`;
    const script = [seneschal, ...lines, 'seneschal plan ./absent 2>&1 | grep -c -- --credentials || true'];
    const said = execFileSync('bash', ['-ec', script.join('\n')], {
      encoding: 'utf8',
      env: { ...process.env, SENESCHAL_SESSION: session },
    });
    expect(said).toContain('owner is signed in until');
    expect(said).toMatch(/^owner@acme\.example +owner +Owner/m);
    expect(said.trim().endsWith('0')).toBe(true);
  });
});
