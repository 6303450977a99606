/** Machines of a test's vault, each with its identity folder as a pod would have it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityBundle } from '#identity/bundle.ts';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { MachineProject } from '#model/organization.ts';
import { SecretValue } from '#model/secret-value.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import type { Act } from '#vault/act/context.ts';
import { addKey, machineNamed, registerMachine, setMachineAccess } from '#vault/machines/machines.ts';
import { createProject, findProject } from '#vault/projects/projects.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';
import type { TestVault } from './vault.ts';

/** Sets values, `project/name` to a text or to fields; projects are made where they are not there. Answers the ids. */
export function setValues(
  vault: TestVault,
  values: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
): Promise<Record<string, string>> {
  return vault.context.act(vault.vaultId, vault.owner, async (act) => {
    const ids: Record<string, string> = {};
    for (const [path, value] of Object.entries(values)) {
      const [project = '', name = ''] = path.split('/');
      if ((await findProject(act, project)) === undefined) {
        await createProject(act, project, '');
        await act.audit({ action: 'project.created', subject: { kind: 'Project', key: project } });
      }
      const content =
        typeof value === 'string'
          ? new SecretValue(value)
          : new Map(Object.entries(value).map(([field, text]) => [field, new SecretValue(text)]));
      ids[path] = (await setByPerson(act, project, name, content)).id;
    }
    return ids;
  });
}

/** Registers a machine with these grants; its client reads the files of its folder alone. */
export async function newMachine(
  vault: TestVault,
  name: string,
  access: readonly MachineProject[] = [],
): Promise<{ readonly id: string; readonly keys: KeyPair; readonly client: MachineClient }> {
  const keys = newKeyPair();
  const id = await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    const made = await registerMachine(act, name, keys.publicKey);
    await setMachineAccess(act, await machineNamed(act, name), access);
    await act.audit({ action: 'machine.registered', subject: { kind: 'MachineBinding', key: name } });
    return made;
  });
  return { id, keys, client: clientOf(vault, { id, name }, keys) };
}

/** Changes a machine in an act of its own. */
export function changeMachine(
  vault: TestVault,
  name: string,
  work: (act: Act, machine: Awaited<ReturnType<typeof machineNamed>>) => Promise<void>,
): Promise<void> {
  return vault.context.act(vault.vaultId, vault.owner, async (act) => {
    await work(act, await machineNamed(act, name));
    await act.audit({ action: 'machine.provisioned', subject: { kind: 'MachineBinding', key: name } });
  });
}

/** A second key of a machine, registered; with the client that signs by it. */
export async function addMachineKey(
  vault: TestVault,
  machine: { readonly id: string; readonly name: string },
): Promise<{ readonly keys: KeyPair; readonly client: MachineClient }> {
  const keys = newKeyPair();
  await changeMachine(vault, machine.name, (act, row) => addKey(act, row, keys.publicKey));
  return { keys, client: clientOf(vault, machine, keys) };
}

/** A client that signs by these keys, from an identity folder of its own. */
export function clientOf(
  vault: TestVault,
  machine: { readonly id: string; readonly name: string },
  keys: KeyPair,
): MachineClient {
  const folder = join(vault.folder, 'identities', keys.publicKey.fingerprint);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bundle = identityBundle(
    {
      machineId: machine.id,
      machineName: machine.name,
      vaultId: vault.vaultId,
      apiUrl: vault.url,
      mountPath: folder,
      caCertificate: null,
    },
    keys,
  );
  for (const [name, content] of Object.entries(bundle)) {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return MachineClient.fromFolder(folder);
}
