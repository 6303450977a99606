import { expect, test } from 'vitest';
import { loadTemplates } from '#shaping/template/load.ts';

const values = new Map([
  ['USER', 'alice'],
  ['PASSWORD', "p@ss'w"],
  ['db-name', 'orders'],
  ['dotted.key', 'dot'],
  ['long', 'x'.repeat(500_000)],
]);

async function rendered(text: string): Promise<string> {
  const result = (await loadTemplates()).render(text, values);
  return result.ok ? result.text : `refused: ${result.problem}`;
}

test.each([
  ['{{ values.USER }}:{{ values.PASSWORD | url_encode }}', 'alice:p%40ss%27w'],
  ['{{ values.db-name | upcase }} {{ values["dotted.key"] }}', 'ORDERS dot'],
  ['{{ values.PASSWORD | json }}', '"p@ss\'w"'],
  ['{{ values.PASSWORD | shell }}', "'p@ss'\\''w'"],
  ['{{ values.USER | base64_encode | append: "." | prepend: "<" }}', '<YWxpY2U=.'],
  ['{{ "a,b" | split: "," | join: "-" }} {{ "a.b" | replace: ".", "::" }}', 'a-b a::b'],
  ['{% if values.NONE %}a{% else %}b{% endif %}{{ values.NONE | default: "c" }}', 'bc'],
  ['{% for i in (1..3) %}{{ i }}{% unless i == 3 %},{% endunless %}{% endfor %}', '1,2,3'],
  ['{% case values.USER %}{% when "alice" %}her{% else %}him{% endcase %}', 'her'],
  ['{% raw %}{{ values.USER }}{% endraw %}', '{{ values.USER }}'],
])('%s gives %s', async (text, result) => {
  expect(await rendered(text)).toBe(result);
});

test.each([
  '{% include "/etc/passwd" %}',
  '{% render "/etc/passwd" %}',
  '{% layout "/etc/passwd" %}',
  '{% capture x %}{% endcapture %}',
  '{% increment x %}',
  '{% liquid echo values.USER %}',
  '{% tablerow i in (1..2) %}{% endtablerow %}',
])('%s is no tag of ours', async (text) => {
  expect(await rendered(text)).toMatch(/^refused: tag "\w+" not found, line:1, col:1$/);
});

test.each(['{{ "now" | date: "%s" }}', '{{ values | inspect }}', '{{ "a" | where_exp: "x", "y" }}'])(
  '%s has no filter of ours',
  async (text) => {
    expect(await rendered(text)).toMatch(/^refused: undefined filter: \w+, line:1, col:1$/);
  },
);

test.each([
  '{{ values.NONE }}',
  '{{ other }}',
  '{{ values.constructor }}',
  '{{ values.__proto__ }}',
  '{{ values.USER.constructor }}',
])('%s is undefined', async (text) => {
  expect(await rendered(text)).toMatch(/^refused: undefined variable: /);
});

test.each([
  ['a range', '{% for i in (1..1000000000) %}{% endfor %}', 'handles too much text'],
  ['loops within loops', nested(6, '(1..100)'), 'takes too many steps'],
  ['loops over values', nested(9, 'values'), 'takes too many steps'],
  ['printing again and again', '{% for i in (1..9) %}{{ values.long }}{% endfor %}', 'gives more than 1 MiB'],
  [
    'doubling',
    '{% assign a = values.long %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}',
    'makes a text of more than 1 MiB',
  ],
  ['replacing', '{{ values.long | replace: "x", values.long }}', 'makes a text of more than 1 MiB'],
  ['joining', '{{ values.long | split: "" | join: values.long }}', 'makes a text of more than 1 MiB'],
  [
    'comparing',
    '{% for i in (1..1000) %}{% if values.long contains "y" %}{% endif %}{% endfor %}',
    'handles too much text',
  ],
])('%s without an end is refused', async (_, text, problem) => {
  expect(await rendered(text)).toContain(`refused: ${problem}`);
});

test('nesting that would end the stack is refused', async () => {
  const depth = 5_000;
  expect(await rendered('{% if true %}'.repeat(depth) + '{% endif %}'.repeat(depth))).toBe(
    'refused: is nested too deeply',
  );
});

test('a map or a list is not printed by mistake', async () => {
  expect(await rendered('{{ values }}')).toBe('refused: prints a list or a map; use join or json');
});

test('what is wrong with a template is told with its place, before any value is known', async () => {
  const engine = await loadTemplates();
  expect(engine.problemOf('a\n  {{ values.x | nothing }}')).toBe('undefined filter: nothing, line:2, col:3');
  expect(engine.problemOf('{% if x %}')).toContain('not closed');
  expect(engine.problemOf('{{ values.x }}')).toBeNull();
});

test('a rendering that was refused spends nothing of the next one', async () => {
  await rendered(nested(6, '(1..100)'));
  expect(await rendered('{{ values.USER }}')).toBe('alice');
});

function nested(depth: number, over: string): string {
  const names = Array.from({ length: depth }, (_, at) => `v${at}`);
  return names.map((name) => `{% for ${name} in ${over} %}`).join('') + '{% endfor %}'.repeat(depth);
}
