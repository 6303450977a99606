/** `seneschal import FOLDER`: a living vault as a folder. One request to the vault, and nothing is written there. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OrganizationState } from '#model/organization.ts';
import { plan as planOf } from '#planning/plan.ts';
import type { OrganizationPlan } from '#planning/plan-types.ts';
import { type ImportedFolder, importedFolder } from '#questions/import/imported.ts';
import { cutText, leftOutText } from '#questions/import/left-out.ts';
import { folderFiles, type Split } from '#source/folder-files.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { print, tell } from '../terminal/print.ts';
import { withObservation } from './vault-observation.ts';
import type { ProviderOptions } from './vault-provider.ts';
import { openWorkspace } from './workspace.ts';

export interface ImportOptions extends ProviderOptions {
  readonly output: 'text' | 'json';
  readonly organization?: string;
  readonly namespace?: string;
  readonly splitBy: Split;
  readonly comments?: boolean;
  readonly credentialsSecret: string;
}

/** Exits 0 where the plan of the folder is nothing but claims, 2 where something else is pending. Throws Failure. */
export async function importCommand(folder: string, options: ImportOptions): Promise<CommandOutcome[]> {
  await requireEmpty(folder);
  const { state, address, now } = await withObservation(options, null, async ({ address, observation }) => ({
    state: observation.snapshot.state,
    address,
    now: Date.now(),
  }));
  const { organization: name, namespace, credentialsSecret } = options;
  const imported = importedFolder(state, { name, namespace, url: address.url, credentialsSecret, now });
  requireWhole(imported);
  const home = imported.objects[0]?.metadata.namespace ?? '';
  const files = folderFiles(imported.objects, {
    split: options.splitBy,
    home,
    comments: options.comments === true ? commentsOf(imported, state) : [],
  });
  await writeFiles(folder, files);
  // Read back as any folder is: what was written is what counts.
  const workspace = await openWorkspace(folder, { output: 'text', namespace: home });
  const plan = planOf(workspace.desired, state, POLICY, now);
  const others = plan.steps.filter(({ action }) => action.kind !== 'Claim' && !isFirstRails(action));
  if (options.output === 'json') print(JSON.stringify(documentOf(files, imported, plan), null, 2));
  else print(textOf(folder, { files, imported, plan }, others.length));
  return others.length === 0 ? [] : ['ChangesPending'];
}

/** Nothing was approved, and a folder is seen whole. */
const POLICY = {
  approvals: [],
  settling: {},
  settle: false,
  observeOnly: null,
  freeze: null,
  managedBy: null,
} as const;

/** A vault that never had rails is told those by which it is judged anyway. */
function isFirstRails({ kind, before }: OrganizationPlan['steps'][number]['action']): boolean {
  return kind === 'ApplySettings' && before === null;
}

/** A repository that was just made has its `.git`, and nothing else. */
async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Failure('Usage', `${folder} cannot be read (${error.code}).`, 'Name another folder.');
  });
  const found = names.filter((name) => name !== '.git');
  if (found.length === 0) return;
  throw new Failure(
    'Usage',
    `${folder} is not empty; nothing is overwritten.`,
    'Name a folder that is empty or not there yet.',
  );
}

/** What a folder cannot say and this manager has records of would be taken away by the next apply. */
function requireWhole({ inTheWay }: ImportedFolder): void {
  if (inTheWay.length === 0) return;
  for (const what of inTheWay) tell(leftOutText(what));
  throw new Failure(
    'PartlyApplied',
    `${inTheWay.length === 1 ? 'One thing is' : `${inTheWay.length} things are`} managed from Git and cannot be declared; no folder was written.`,
    'Correct each in the vault as it says, and run again.',
  );
}

function commentsOf({ leftOut }: ImportedFolder, { tombstones }: OrganizationState): string[] {
  const lines = [
    ...(leftOut.length === 0
      ? []
      : ['In the vault and not here:', ...leftOut.map((what) => `  ${leftOutText(what)}`)]),
    ...(tombstones.length === 0
      ? []
      : [
          'Cut in the vault by people; spec.reinstate gives it back:',
          ...tombstones.map((cut) => `  ${cutText(cut)}`),
        ]),
  ];
  return lines;
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
}

function countsOf(plan: OrganizationPlan): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { action } of plan.steps) counts.set(action.kind, (counts.get(action.kind) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function documentOf(
  files: ReadonlyMap<string, string>,
  { objects, leftOut }: ImportedFolder,
  plan: OrganizationPlan,
) {
  return {
    schemaVersion: 1,
    vault: plan.vaultId,
    revision: plan.revision,
    files: [...files.keys()],
    objects: objects.length,
    leftOut,
    steps: countsOf(plan),
    digest: plan.digest,
  };
}

function textOf(
  folder: string,
  {
    files,
    imported,
    plan,
  }: {
    readonly files: ReadonlyMap<string, string>;
    readonly imported: ImportedFolder;
    readonly plan: OrganizationPlan;
  },
  others: number,
): string {
  const steps = Object.entries(countsOf(plan)).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${imported.objects.length} objects in ${files.size} files of ${folder}, from ${plan.vaultId} at revision ${plan.revision}`,
    ...(imported.leftOut.length === 0
      ? []
      : ['Left out:', ...imported.leftOut.map((what) => `  ${leftOutText(what)}`)]),
    `Plan of the folder: ${steps.join(', ') || 'no steps'}${others === 0 ? '' : '; not claims alone'}.`,
    ...(plan.digest === null ? [] : [`Waits for an approval: ${plan.digest}`]),
  ].join('\n');
}
