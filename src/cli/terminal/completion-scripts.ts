// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is written is for shells, which put the values in.
/** Completion for each shell, out of the tree of commands: nothing is asked of the program or a vault while somebody types. */
import type { CompletionNode, Values } from './completion-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that the shell reads. */
export function completionScript(shell: Shell, nodes: readonly CompletionNode[]): string {
  return shell === 'fish' ? fish(nodes) : shell === 'bash' ? bash(nodes) : zsh(nodes);
}

function bash(nodes: readonly CompletionNode[]): string {
  return [
    '# source <(seneschal completion bash)',
    '_seneschal() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" at="" choices="" i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case "${at:+$at }${COMP_WORDS[i]}" in',
    `      ${paths(nodes)}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;`,
    '    esac',
    '  done',
    '  COMPREPLY=()',
    ...choosing(nodes, 'mapfile -t COMPREPLY < <(compgen -f -- "$current")'),
    '  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current")',
    '}',
    'complete -o filenames -F _seneschal seneschal',
    '',
  ].join('\n');
}

function zsh(nodes: readonly CompletionNode[]): string {
  return [
    '#compdef seneschal',
    '# source <(seneschal completion zsh), or this as _seneschal in a folder of $fpath',
    '_seneschal() {',
    '  local current="${words[CURRENT]}" previous="${words[CURRENT - 1]}" at="" choices="" i',
    '  for ((i = 2; i < CURRENT; i++)); do',
    '    case "${at:+$at }${words[i]}" in',
    `      ${paths(nodes)}) at="\${at:+$at }\${words[i]}" ;;`,
    '    esac',
    '  done',
    ...choosing(nodes, '_files'),
    '  compadd -- ${=choices}',
    '}',
    'if [ "${funcstack[1]}" = _seneschal ]; then _seneschal "$@"; else compdef _seneschal seneschal; fi',
    '',
  ].join('\n');
}

/** In the words of both: `$choices`, by where one is and what was typed before; values of options first. */
function choosing(nodes: readonly CompletionNode[], files: string): string[] {
  const ofOptions = nodes.flatMap(({ path, options }) =>
    options.flatMap(({ long, short, values }) => {
      if (values === null) return [];
      const names = [long, ...(short === null ? [] : [short])].map((name) => quoted(`${path} ${name}`));
      return [`    ${names.join('|')}) ${offered(values, files)} ;;`];
    }),
  );
  const ofNodes = nodes.map(({ path, commands, options, values }) => {
    const flags = options.map(({ long }) => long);
    const named = [...commands.map(({ name }) => name), ...(Array.isArray(values) ? values : [])];
    const other = values === 'Paths' ? `${files}; return` : `choices=${quoted(named.join(' '))}`;
    return `    ${quoted(path)}) if [[ $current == -* ]]; then choices=${quoted(flags.join(' '))}; else ${other}; fi ;;`;
  });
  return ['  case "$at $previous" in', ...ofOptions, '  esac', '  case "$at" in', ...ofNodes, '  esac'];
}

/** Of the value of an option: whoever types one is offered nothing else. */
function offered(values: Values, files: string): string {
  if (values === 'Paths') return `${files}; return`;
  if (values === 'Unknown') return 'return';
  return `choices=${quoted(values.join(' '))}; at=-`;
}

function paths(nodes: readonly CompletionNode[]): string {
  return nodes
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join('|');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fish(nodes: readonly CompletionNode[]): string {
  const known = nodes.filter(({ path }) => path !== '').map(({ path }) => fishQuoted(path));
  const lines = nodes.flatMap(({ path, commands, options, values }) => {
    const here = `complete -c seneschal -n ${fishQuoted(`__seneschal_at ${fishQuoted(path)}`)}`;
    return [
      ...commands.map(
        ({ name, description }) => `${here} -a ${fishQuoted(name)} -d ${fishQuoted(description)}`,
      ),
      ...(values === 'Paths' ? [`${here} -F`] : []),
      ...(Array.isArray(values) && values.length > 0 ? [`${here} -a ${fishQuoted(values.join(' '))}`] : []),
      ...options.map(({ long, short, description, values: of }) => {
        const names = `-l ${long.slice(2)}${short === null ? '' : ` -s ${short.slice(1)}`}`;
        const taken =
          of === null
            ? ''
            : of === 'Paths'
              ? ' -r -F'
              : of === 'Unknown'
                ? ' -x'
                : ` -x -a ${fishQuoted(of.join(' '))}`;
        return `${here} ${names}${taken} -d ${fishQuoted(description)}`;
      }),
    ];
  });
  return [
    '# seneschal completion fish | source',
    'function __seneschal_at',
    '  set -l at',
    `  set -l known ${known.join(' ')}`,
    '  for word in (commandline -opc)[2..]',
    '    if contains -- (string join " " $at $word) $known',
    '      set -a at $word',
    '    end',
    '  end',
    '  test (string join " " $at) = "$argv[1]"',
    'end',
    'complete -c seneschal -f',
    ...lines,
    '',
  ].join('\n');
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
