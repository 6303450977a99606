/** What `GET /v1/bootstrap/{token}` is answered with, by whom it is for; each form refuses in its own language. */
import { bootstrapManifest } from './bootstrap-manifest.ts';
import { bootstrapPowerShell } from './bootstrap-powershell.ts';
import { type BootstrapFacts, bootstrapScript } from './bootstrap-script.ts';

export interface BootstrapForm {
  readonly contentType: string;
  /** Throws RangeError where a fact is no plain text. */
  readonly text: (facts: BootstrapFacts) => string;
  /** What says why and ends with an error where it is run as the form is. */
  readonly refusal: (why: string) => string;
}

/** By what stands behind the token in the path. */
export const BOOTSTRAP_FORMS = {
  '': {
    contentType: 'text/x-shellscript',
    text: bootstrapScript,
    refusal: (why) => `#!/bin/sh\necho 'bootstrap: refused: ${quoted(why, "'\\''")}' >&2\nexit 1\n`,
  },
  '/ps': {
    contentType: 'text/x-powershell',
    text: bootstrapPowerShell,
    refusal: (why) => `throw 'bootstrap: refused: ${quoted(why, "''")}'\n`,
  },
  '/k8s': {
    contentType: 'application/yaml',
    text: bootstrapManifest,
    // Nothing to apply is an error of kubectl.
    refusal: (why) => `# bootstrap: refused: ${why}\n`,
  },
} as const satisfies Record<string, BootstrapForm>;

function quoted(text: string, quote: string): string {
  return text.replaceAll("'", quote);
}
