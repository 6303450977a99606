import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { type Machine, normalizeEmail, type OrganizationState } from '#model/organization.ts';
import { blastRadius, blastRadiusText, traceForBlast } from '#questions/blast-radius.ts';
import type { Thing } from '#questions/thing.ts';
import { readFolder } from '#source/folder.ts';
import { withCompromised } from '#source/key-list.ts';
import { withSpecField } from '#source/spec-field.ts';
import { unifiedDiff } from '#source/unified-diff.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { Failure } from '../terminal/failure.ts';
import { print } from '../terminal/print.ts';
import { type AskOptions, printVersioned, thingMeant, timeBefore } from './asked.ts';

export interface BlastRadiusOptions extends AskOptions {
  readonly since: string;
  readonly folder?: string;
  readonly namespace: string;
  /** Only the patch: for `git apply`. */
  readonly patch?: boolean;
}

/** `seneschal blast-radius PERSON|SECRET|FINGERPRINT`: two requests to the vault, nothing is written. Throws Failure. */
export async function blastRadiusCommand(word: string, options: BlastRadiusOptions): Promise<void> {
  await withObservation(options, null, async ({ observation, trace }) => {
    const now = Date.now();
    const since = timeBefore(options.since, now, '--since');
    const { state } = observation.snapshot;
    const thing = thingMeant(state, word, ['person', 'secret', 'key']);
    const radius = blastRadius(state, thing, {
      since,
      now,
      traced: await trace(traceForBlast(state, thing, since)),
    });
    const contained = await containmentOf(state, thing, options);
    if (options.patch === true) {
      if (contained?.patch == null) throw noPatch(thing.kind, contained?.why);
      print(contained.patch);
      return;
    }
    printVersioned(options.output, { ...radius, patch: contained?.patch ?? null }, () =>
      [
        blastRadiusText(radius),
        ...(contained === null
          ? []
          : [contained.patch === null ? contained.why : `Patch:\n${contained.patch}`]),
      ].join('\n'),
    );
  });
}

function noPatch(
  kind: string,
  why = `Git does not contain a ${kind}: its value is replaced in the vault.`,
): Failure {
  return new Failure('Usage', `There is no patch. ${why}`, 'Do what the answer without --patch lists.');
}

type Containment =
  | { readonly patch: string; readonly why: null }
  | { readonly patch: null; readonly why: string };

/** How one object of the folder contains it. */
interface Edit {
  isOf(object: CustomResource): boolean;
  after(text: string, object: CustomResource): string | null;
  readonly missing: string;
  readonly byHand: string;
  readonly already: string;
}

/** Null: Git does not contain it. */
async function containmentOf(
  state: OrganizationState,
  { kind, key }: Thing,
  options: Pick<BlastRadiusOptions, 'folder' | 'namespace'>,
): Promise<Containment | null> {
  if (kind === 'person') return containment(suspensionOf(key), options);
  if (kind !== 'key') return null;
  const holds = ({ keys }: Machine): boolean => keys.some(({ fingerprint }) => fingerprint === key);
  return containment(endOf(key, state.machines.find(holds)?.name ?? ''), options);
}

/** An explicit suspension waits for no rail. */
function suspensionOf(email: string): Edit {
  return {
    isOf: (object) =>
      object.kind === 'Member' && normalizeEmail((object as CustomResource<'Member'>).spec.email) === email,
    after: (text, object) => withSpecField(text, object, 'state', 'Suspended'),
    missing: `has no Member for ${email}: suspend them in the vault.`,
    byHand: 'Set spec.state: Suspended',
    already: `suspends ${email} already; apply it.`,
  };
}

/** Nor does the end of a key that is named as compromised. */
function endOf(fingerprint: string, machine: string): Edit {
  return {
    isOf: (object) =>
      object.kind === 'MachineBinding' &&
      (object as CustomResource<'MachineBinding'>).spec.machineName === machine,
    after: (text, object) => withCompromised(text, object, fingerprint),
    missing: `has no MachineBinding for ${machine}: end the key in the vault.`,
    byHand: `Add ${fingerprint} to spec.key.compromised`,
    already: `names ${fingerprint} as compromised already; apply it.`,
  };
}

async function containment(
  edit: Edit,
  { folder, namespace }: Pick<BlastRadiusOptions, 'folder' | 'namespace'>,
): Promise<Containment> {
  if (folder === undefined) return { patch: null, why: 'With --folder a patch of it is printed.' };
  const { objects } = await readFolder(folder, { defaultNamespace: namespace });
  const located = objects.find(({ object }) => edit.isOf(object));
  if (located === undefined) return { patch: null, why: `${folder} ${edit.missing}` };
  const { file, line, object } = located;
  const path = file === basename(folder) && (await isFile(folder)) ? folder : join(folder, file);
  const text = await readFile(path, 'utf8');
  const after = edit.after(text, object);
  if (after === null) return { patch: null, why: `${edit.byHand} in ${file}:${line} by hand.` };
  if (after === text) return { patch: null, why: `${file}:${line} ${edit.already}` };
  return { patch: unifiedDiff(file, text, after), why: null };
}

async function isFile(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
