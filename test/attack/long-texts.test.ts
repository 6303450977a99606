import { onTestFinished } from 'vitest';
import { ANNOTATIONS } from '#api/v1alpha1/kinds.ts';
import { resource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import { World } from '../integration/engine/world.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

const SUE = 'sue@acme.example';
const sue = (state: 'Active' | 'Suspended') => resource('Member', 'sue', { email: SUE, state });
/** By the annotation that says them; `adopt` is no claim. */
const CLAIMS = ['commit', 'path', 'author', 'changeUrl'] as const;

interface Entry {
  readonly subject: { readonly key: string };
  readonly provenance: Readonly<Record<string, string>>;
}

attack({
  name: 'has every step of the organization refused, a suspension too, by long annotations on one object',
  actor: 'Rogue committer',
  rule: 'A4',
  refused: ['shortened', 'without what cannot be stored'],
  permittedBy: 'a text that fits',
  async world() {
    const world = await World.start();
    onTestFinished(() => world[Symbol.asyncDispose]());
    await world.pass([sue('Active')]);
    await acceptInvite(world.vault, SUE);
    return world;
  },
  attack: () => ['x'.repeat(3000), 'x'.repeat(256 * 1024), '😀'.repeat(60_000), '\0'.repeat(200)],
  control: () => ['abc123'],
  async calls(world, texts) {
    const outcomes: Outcome[] = [];
    for (const [index, text] of texts.entries()) outcomes.push(...(await commit(world, index, text)));
    return outcomes;
  },
});

/** One commit: Sue suspended, somebody and a project new, and the text on every annotation of Mallory's objects. */
async function commit(world: World, index: number, text: string): Promise<Outcome[]> {
  const annotations = Object.fromEntries(CLAIMS.map((claim) => [ANNOTATIONS[claim], text]));
  const { answers } = await world.pass([
    sue('Suspended'),
    ...Array.from({ length: index + 1 }, (_, at) =>
      resource('Member', `mallory-${at}`, { email: `mallory-${at}@acme.example` }, { annotations }),
    ),
    ...Array.from({ length: index + 1 }, (_, at) => resource('Project', `project-${at}`, {})),
  ]);
  const { members, projects } = await world.vault.snapshot();
  const isSuspended = members.some(({ email, state }) => email === SUE && state === 'Suspended');
  const isMade = projects.some(({ name }) => name === `project-${index}`);
  const others = [...answers.values()].every(({ status }) => status === 'Done');
  // Red in both halves: nobody else may be held up.
  if (!isSuspended || !isMade || !others) throw new Error('steps of other objects were held up');
  const provenance = await claimedOf(world, `mallory-${index}@acme.example`);
  return CLAIMS.map((claim) => {
    const call = `claim another ${claim}`;
    const kept = provenance[claim] ?? '';
    if (kept === text) return done(call, 'as it stands');
    return refused(call, kept.endsWith('… (shortened)') ? 'shortened' : 'without what cannot be stored');
  });
}

/** Of the newest entry about somebody. */
async function claimedOf({ vault }: World, email: string): Promise<Entry['provenance']> {
  const rows = await vault.context.reader
    .selectFrom('audit_entries')
    .select('entry')
    .orderBy('sequence')
    .execute();
  const entries = rows.map(({ entry }) => JSON.parse(entry) as Entry);
  return entries.findLast(({ subject }) => subject.key === email)?.provenance ?? {};
}
