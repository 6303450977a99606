import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { normalizeEmail } from '#model/organization.ts';
import { blastRadius, blastRadiusText, traceForBlast } from '#questions/blast-radius.ts';
import { readFolder } from '#source/folder.ts';
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

/** `seneschal blast-radius PERSON|SECRET`: two requests to the vault, nothing is written. Throws Failure. */
export async function blastRadiusCommand(word: string, options: BlastRadiusOptions): Promise<void> {
  await withObservation(options, null, async ({ observation, trace }) => {
    const now = Date.now();
    const since = timeBefore(options.since, now, '--since');
    const { state } = observation.snapshot;
    const thing = thingMeant(state, word, ['person', 'secret']);
    const radius = blastRadius(state, thing, {
      since,
      now,
      traced: await trace(traceForBlast(state, thing, since)),
    });
    const contained = thing.kind === 'person' ? await containment(thing.key, options) : null;
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

/** What suspends a person in the folder: an explicit suspension waits for no rail. */
async function containment(
  email: string,
  { folder, namespace }: Pick<BlastRadiusOptions, 'folder' | 'namespace'>,
): Promise<Containment> {
  if (folder === undefined) return { patch: null, why: 'With --folder a patch of it is printed.' };
  const { objects } = await readFolder(folder, { defaultNamespace: namespace });
  const located = objects.find(
    ({ object }) =>
      object.kind === 'Member' && normalizeEmail((object as CustomResource<'Member'>).spec.email) === email,
  );
  if (located === undefined) {
    return { patch: null, why: `${folder} has no Member for ${email}: suspend them in the vault.` };
  }
  const { file, line, object } = located;
  const path = file === basename(folder) && (await isFile(folder)) ? folder : join(folder, file);
  const text = await readFile(path, 'utf8');
  const after = withSpecField(text, object, 'state', 'Suspended');
  if (after === null) return { patch: null, why: `Set spec.state: Suspended in ${file}:${line} by hand.` };
  if (after === text) return { patch: null, why: `${file}:${line} suspends ${email} already; apply it.` };
  return { patch: unifiedDiff(file, text, after), why: null };
}

async function isFile(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
