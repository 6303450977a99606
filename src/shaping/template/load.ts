/** Loads the engine of templates with the first template: who has none waits for none of it. */
import type { TemplateEngine } from './engine.ts';

let loaded: Promise<TemplateEngine> | undefined;

export function loadTemplates(): Promise<TemplateEngine> {
  loaded ??= import('./engine.ts').then(({ createEngine }) => createEngine());
  return loaded;
}
