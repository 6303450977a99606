/** As much of jq's command line as the example pipelines use: `jq -r -f PROGRAM FILE`. */
import { readFileSync } from 'node:fs';
import { raw } from 'jq-wasm';

const [flag, from, program, file] = process.argv.slice(2);
if (flag !== '-r' || from !== '-f') throw new Error(`not known here: jq ${process.argv.slice(2).join(' ')}`);
const { stdout, stderr, exitCode } = await raw(
  JSON.parse(readFileSync(file, 'utf8')),
  readFileSync(program, 'utf8'),
  ['-r'],
);
if (stdout !== '') process.stdout.write(stdout.endsWith('\n') ? stdout : `${stdout}\n`);
process.stderr.write(stderr);
process.exitCode = exitCode;
