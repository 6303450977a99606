import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '../../..');

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly organizationRef?: { readonly name: string };
    readonly templateRef?: { readonly name: string };
  };
}

test('a name prefix of kustomize moves references along with what they name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-kustomize-'));
  try {
    const files = [
      'organization',
      'member-bob',
      'template-developers',
      'project-payments',
      'binding-website',
    ];
    for (const name of files)
      await cp(join(root, `examples/acme/${name}.yaml`), join(folder, `${name}.yaml`));
    await cp(join(root, 'schemas/kustomize/name-references.yaml'), join(folder, 'name-references.yaml'));
    const resources = files.map((name) => `  - ${name}.yaml`).join('\n');
    await writeFile(
      join(folder, 'kustomization.yaml'),
      `namePrefix: team-\nresources:\n${resources}\nconfigurations:\n  - name-references.yaml\n`,
    );
    const { stdout } = await promisify(execFile)(inject('kubectl'), ['kustomize', folder]);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as Named);
    expect(objects).toHaveLength(files.length);
    for (const { kind, spec } of objects) {
      if (kind !== 'Organization')
        expect([kind, spec.organizationRef]).toEqual([kind, { name: 'team-acme' }]);
      if (kind === 'Member') expect(spec.templateRef).toEqual({ name: 'team-developers' });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
