/** Permission templates (T1 to T4). */

import { CELLS as MATRIX } from '#model/capabilities.ts';
import { pathTo } from '#protocol/request-path.ts';
import { Failure } from '../../terminal/failure.ts';
import type { Person } from '../as-person.ts';
import {
  argument,
  type CommandInput,
  done,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { table } from '../table.ts';
import { ANEW, counted, namedIn } from '../what-falls-away.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
  readonly projectScope: 'All' | readonly string[];
  readonly archived: boolean;
  readonly holders: number;
}

const NAME = { name: '<name>', description: 'name of the template' };
const CELLS = {
  flags: '--cell <cell...>',
  description: '`Category: Cell` of the capability matrix, for example "Secrets: View"',
};
const SCOPE = {
  flags: '--project <name...>',
  description: 'the projects that its project cells hold in; left out: all',
};

export const TEMPLATE_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['template', 'list'],
    description: 'permission templates, and how many people hold each',
    run: async (_, { ask }) => {
      const templates = await templatesFor({ ask });
      return table(
        { templates },
        templates,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'HOLDERS', of: ({ holders }) => String(holders) },
          { title: 'STATE', of: ({ archived }) => (archived ? 'Archived' : 'InUse') },
          {
            title: 'SCOPE',
            of: ({ projectScope }) => (projectScope === 'All' ? 'All' : projectScope.join(', ')),
          },
          {
            title: 'CELLS',
            of: ({ capabilities }) =>
              Object.entries(capabilities)
                .map(([category, cells]) => `${category}: ${cells.join(', ')}`)
                .join('; ') || '-',
          },
        ],
        'No template.',
      );
    },
  },
  {
    words: ['template', 'create'],
    example: 'developers --cell "Secrets: View" "Projects: View"',
    description: 'make a template; cells that are the owner’s alone are left out (T4)',
    arguments: [NAME],
    flags: [
      { ...CELLS, required: true },
      SCOPE,
      { flags: '--description <text>', description: 'what it is for' },
    ],
    run: async (given, { ask }) => {
      const projects = optionList(given, 'project');
      const description = option(given, 'description');
      const answer = await ask('POST', pathTo`/templates`, {
        name: argument(given, 0),
        capabilities: capabilitiesOf(given),
        ...(projects === undefined ? {} : { projectScope: projects }),
        ...(description === undefined ? {} : { description }),
      });
      return { json: answer, text: `${argument(given, 0)} is made.` };
    },
  },
  {
    words: ['template', 'edit'],
    example: 'developers --cell "Secrets: View" --project payments',
    description: 'give a template these cells and no others; it acts on the next request of its holders (T2)',
    arguments: [NAME],
    flags: [{ ...CELLS, required: true }, SCOPE],
    confirm: losing,
    run: async (given, { ask }) => {
      const name = argument(given, 0);
      const answer = await ask('PATCH', pathTo`/templates/${name}`, {
        capabilities: capabilitiesOf(given),
        projectScope: optionList(given, 'project') ?? 'All',
      });
      return { json: answer, text: `${name} is edited.` };
    },
  },
  ...(['archive', 'unarchive'] as const).map(
    (verb): OwnerCommand => ({
      words: ['template', verb],
      example: 'developers',
      description:
        verb === 'archive'
          ? 'give a template to nobody new; who holds it keeps it'
          : 'take a template out of the archive',
      arguments: [NAME],
      run: async (given, { ask }) => {
        await ask('POST', pathTo`/templates/${argument(given, 0)}/${verb}`);
        return done(`${argument(given, 0)} is ${verb}d.`);
      },
    }),
  ),
  {
    words: ['template', 'drop-cell'],
    example: 'developers "Secrets: View"',
    description: 'take a cell out of a template; it acts on the next request of its holders (T2)',
    arguments: [NAME, { name: '<cell>', description: '`Category: Cell`' }],
    confirm: (given) => `Everybody who holds ${argument(given, 0)} would lose ${argument(given, 1)}. ${ANEW}`,
    run: async (given, { ask }) => {
      const [name, cell] = [argument(given, 0), argument(given, 1)];
      await ask('DELETE', pathTo`/templates/${name}/cells/${cell}`);
      return done(`${name} has ${cell} no longer.`);
    },
  },
  {
    words: ['template', 'delete'],
    example: 'developers',
    description: 'delete a template that nobody holds',
    arguments: [NAME],
    confirm: async (given, person) => {
      const name = argument(given, 0);
      const template = await namedIn(() => templatesFor(person), 'template', name);
      if (template === null) return `${name} would be gone. ${ANEW}`;
      if (template.holders === 0) return `${template.name} would be gone; nobody holds it. ${ANEW}`;
      throw new Failure(
        'Usage',
        `${template.name} is held by ${counted(template.holders, 'person')}; a template is deleted once nobody holds it.`,
        'Give them another one or none: seneschal vault member set-template E-MAIL',
      );
    },
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/templates/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is deleted.`);
    },
  },
];

async function templatesFor({ ask }: Pick<Person, 'ask'>): Promise<readonly Listed[]> {
  return ((await ask('GET', pathTo`/templates`)) as { templates: readonly Listed[] }).templates;
}

/** What the holders of a template would lose by an edit; null: nothing. Throws Failure `Usage`. */
async function losing(given: CommandInput, person: Person): Promise<string | null> {
  const name = argument(given, 0);
  const template = await namedIn(() => templatesFor(person), 'template', name);
  if (template === null) return `Everybody who holds ${name} would have these cells and no others. ${ANEW}`;
  const kept = cellsIn(capabilitiesOf(given));
  const cells = cellsIn(template.capabilities).filter((cell) => !kept.includes(cell));
  const where = lostScope(template.projectScope, optionList(given, 'project') ?? 'All');
  if (cells.length === 0 && where === null) return null;
  const what = [...cells, ...(where === null ? [] : [where])].join(', ');
  return `${counted(template.holders, 'person')} with ${template.name} would lose ${what}. ${ANEW}`;
}

/** Null: nothing. */
function lostScope(before: Listed['projectScope'], after: Listed['projectScope']): string | null {
  if (after === 'All') return null;
  if (before === 'All') return `every project but ${after.join(', ')}`;
  const lost = before.filter((project) => !after.includes(project));
  return lost.length === 0 ? null : `its cells in ${lost.join(', ')}`;
}

function cellsIn(capabilities: Listed['capabilities']): readonly string[] {
  return Object.entries(capabilities).flatMap(([category, cells]) =>
    cells.map((cell) => `${category}: ${cell}`),
  );
}

/** `Secrets: View` to `{Secrets: ['View']}`. Throws Failure `Usage`. */
function capabilitiesOf(given: CommandInput): Record<string, string[]> {
  const capabilities: Record<string, string[]> = {};
  for (const cell of optionList(given, 'cell') ?? []) {
    const known = MATRIX.find(({ id }) => id === cell);
    if (known === undefined) {
      const next = 'Write `Category: Cell`, as docs/kinds/permission-template.md lists them.';
      throw new Failure('Usage', `There is no cell "${cell}".`, next);
    }
    capabilities[known.category] = [...(capabilities[known.category] ?? []), known.cell];
  }
  return capabilities;
}
