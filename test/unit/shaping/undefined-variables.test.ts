import { expect, it } from 'vitest';
import { loadTemplates } from '#shaping/template/load.ts';

const VALUE = 'planted-value';
const values = new Map([['a', VALUE]]);

it('names what a template uses and is not there, with its place', async () => {
  const engine = await loadTemplates();
  expect(engine.render('x\n{{ values.b }}', values)).toEqual({
    ok: false,
    problem: 'undefined variable: values.b, line:2, col:4',
  });
});

it.each([
  '{{ values[values["a"]] }}',
  '{{ [values.a] }}',
  '{{ values[values.a].b }}',
  '{{ values[values.a][values.a] }}',
  '{% assign x = values.a %}{{ values[x] }}',
  '{% assign x = values.a | append: "-more" %}{{ values[x] }}',
  '{% for i in values[values.a] %}{{ i }}{% endfor %}',
  '{{ values.a | default: values[values.a] }}',
  '{% capture x %}{{ values.a }}{% endcapture %}{{ values[x] }}',
])('says no value of a name that is made of one, and where it is: %s', async (template) => {
  const rendered = (await loadTemplates()).render(template, values);
  expect(JSON.stringify(rendered)).not.toContain(VALUE);
  expect(rendered).toMatchObject({ ok: false });
});

it('says no value that stands elsewhere in the template', async () => {
  const engine = await loadTemplates();
  const rendered = engine.render('on {{ [values.a] }}', new Map([['a', 'on']]));
  expect(rendered).toMatchObject({
    problem: expect.stringMatching(/^uses a variable that is not there, line/),
  });
});
