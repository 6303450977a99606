import { describe, expect, it } from 'vitest';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { type ImportedFolder, importedFolder } from '#questions/import/imported.ts';
import { entry } from '#test/builders/desired.ts';
import { HOUR, NOW, organization, VAULT_ID } from '#test/builders/organization.ts';

const OPTIONS = { url: 'https://vault.example', credentialsSecret: 'vault-credentials', now: NOW };
const imported = (there: ReturnType<typeof organization>): ImportedFolder =>
  importedFolder(there.build(), OPTIONS);
const named = ({ objects }: ImportedFolder) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);

describe('what a folder declares of a vault', () => {
  it('is the Organization alone, in the namespace default and of the name of the vault, where there is nothing', () => {
    const folder = imported(organization());
    expect(named(folder)).toEqual(['Organization default/acme']);
    expect(folder.objects[0]?.spec).toEqual({
      vault: {
        seneschal: {
          credentialsSecretRef: { name: 'vault-credentials' },
          url: 'https://vault.example',
          vaultId: VAULT_ID,
        },
      },
      displayName: 'Acme',
    });
  });

  it('is called as the manager of the vault is, and has the rails last applied', () => {
    const rails = { ...DEFAULT_RAILS, settleSeconds: 60, requiredAdmins: ['alice@acme.example'] };
    const there = organization().record(
      'Organization',
      VAULT_ID,
      { displayName: null, rails },
      { manager: 'fleet/own' },
    );
    const folder = imported(there);
    expect(named(folder)).toEqual(['Organization fleet/own']);
    expect(folder.objects[0]?.spec).toMatchObject({
      rails: { settle: '60s', requiredAdmins: ['alice@acme.example'] },
    });
    expect(folder.objects[0]?.spec).not.toHaveProperty('displayName');
  });

  it('says the manager where it is no namespace and name', () => {
    const there = organization().record(
      'Organization',
      VAULT_ID,
      { displayName: null, rails: null },
      { manager: 'Own One' },
    );
    expect(imported(there).objects[0]?.spec).toMatchObject({ manager: 'Own One' });
  });

  it('stands in the namespace that it came from, where that is still listed', () => {
    const rails = { ...DEFAULT_RAILS, access: [entry('team', ['Member'])] };
    const there = organization()
      .record('Organization', VAULT_ID, { displayName: 'Acme', rails })
      .member('bob@acme.example')
      .record('Member', 'bob@acme.example', { member: null, grants: [] }, { origin: 'team' })
      .member('carol@acme.example')
      .record('Member', 'carol@acme.example', { member: null, grants: [] }, { origin: 'gone' });
    const folder = imported(there);
    expect(named(folder)).toEqual(['Organization acme/acme', 'Member team/bob', 'Member acme/carol']);
    expect(folder.objects[1]?.spec).toMatchObject({ organizationRef: { name: 'acme', namespace: 'acme' } });
  });

  it('tells apart people whose addresses begin alike, and keeps the names of things that are no names of objects', () => {
    const folder = imported(
      organization().member('bob@acme.example').member('bob@other.example').project('Größe & Co'),
    );
    expect(named(folder).slice(1)).toEqual([
      'Member default/bob',
      expect.stringMatching(/^Member default\/bob-[0-9a-f]{8}$/),
      'Project default/gro-e-co',
    ]);
    expect(folder.objects[3]?.spec).toMatchObject({ name: 'Größe & Co' });
  });

  it('consents to the machine that is there, and leaves one that is disabled as it is', () => {
    const folder = imported(
      organization()
        .project('web')
        .machine('ci', [{ project: 'web', secrets: [] }], { enabled: false }),
    );
    const binding = folder.objects.find(({ kind }) => kind === 'MachineBinding');
    expect(binding?.metadata.annotations).toEqual({ 'seneschal.dev/adopt': 'mch_ci' });
    expect(binding?.spec).toMatchObject({ suspend: true, key: { secretName: 'ci-key' } });
  });
});

describe('what a folder leaves out of a vault', () => {
  const left = ({ leftOut }: ImportedFolder) =>
    leftOut.map(({ kind, key, item = '-', reason }) => [kind, key, item, reason].join(' '));

  it('is whose invite expired, what ended, what waits for approval, and what another manager has', () => {
    const folder = imported(
      organization()
        .project('web')
        .member('away@acme.example', { invited: { expiresAt: NOW - HOUR } })
        .member('old@acme.example', { expiresAt: NOW - HOUR })
        .member('bob@acme.example', { grants: [{ project: 'web', access: 'Read', expiresAt: NOW - HOUR }] })
        .machine('new', [], { approved: false })
        .template('theirs')
        .record('PermissionTemplate', 'theirs', {}, { manager: 'other/other' })
        .record('Organization', VAULT_ID, { displayName: null, rails: null }),
    );
    expect(left(folder)).toEqual([
      'PermissionTemplate theirs - ManagedByAnother',
      'Member away@acme.example - InviteExpired',
      'Member bob@acme.example web Ended',
      'Member old@acme.example - Ended',
      'MachineBinding new - NotApproved',
    ]);
  });

  it('is an end within a second, which Git has no words for', () => {
    const folder = imported(organization().member('bob@acme.example', { expiresAt: NOW + HOUR + 1 }));
    expect(left(folder)).toEqual(['Member bob@acme.example - EndsWithinSecond']);
  });

  it('stands in the way where the record of it is of this manager: the next apply would take it away', () => {
    const there = organization()
      .member('bob@acme.example', { expiresAt: NOW + HOUR + 1 })
      .ours();
    const folder = imported(there);
    expect(folder.leftOut).toEqual([]);
    expect(folder.inTheWay.map(({ key }) => key)).toEqual(['bob@acme.example']);
  });
});
