import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

it('seneschal vault rotate-root-key asks for a configuration that reads on, and SIGHUP brings it to the server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-rotate-'));
  try {
    const [port] = await freePorts(1);
    const config = join(folder, 'vault.yaml');
    const configured = (keys: string): void =>
      writeFileSync(
        config,
        `listen: {port: ${port}}\npublicUrl: https://vault.test\ndatabase: vault.db\n${keys}\n`,
      );
    configured('rootKey: {file: root.key}');
    const made = await runVault(
      [
        ...[
          'init',
          '--unbounded',
          '--abilities',
          'all',
          '--config',
          config,
          '--owner',
          'owner@acme.example',
          '--password-file',
          '-',
        ],
        ...['--organization', 'Acme', '--credentials', join(folder, 'credentials')],
      ],
      'correct horse battery staple\n',
    );
    expect(made.code).toBe(0);
    const next = Buffer.alloc(32, 3).toString('base64');
    writeFileSync(join(folder, 'next.key'), next);
    const rotate = () =>
      runVault(['rotate-root-key', '--config', config, '--new-root-key', join(folder, 'next.key')]);
    const verify = () => runVault(['verify', '--config', config]);

    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const early = await rotate();
    expect(early).toMatchObject({ code: 6, stdout: '' });
    expect(early.stderr).toContain('send the server SIGHUP');

    const print = JSON.stringify(['cat', join(folder, 'next.key')]);
    configured(`rootKey: {command: ${print}}`);
    expect((await rotate()).stderr).toContain(
      '1 keys are wrapped by a root key that the configuration does not name',
    );
    configured('rootKey: {file: vault.yaml}');
    server.signal('SIGHUP');
    expect(await server.logged('root keys stay as they were')).toMatchObject({ level: 'error' });

    configured(`rootKey: {command: ${print}}\npreviousRootKeys: [{file: root.key}]`);
    server.signal('SIGHUP');
    expect(await server.logged('root keys were read anew')).toMatchObject({ sealed: false, previous: 1 });
    const rotated = await rotate();
    expect(rotated.code).toBe(0);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ rewrapped: 1, broken: [] });

    configured(`rootKey: {command: ${print}}`);
    renameSync(join(folder, 'root.key'), join(folder, 'root.key.old'));
    expect(await verify()).toMatchObject({ code: 0 });
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    for (const output of [server.stderr, rotated.stdout, rotated.stderr]) expect(output).not.toContain(next);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
