/** Path of the program as the run's global set-up bundled it. Throws in a project without that set-up. */
export function program(): string {
  const path = process.env.SENESCHAL_TEST_PROGRAM;
  if (path === undefined) throw new Error('the project lacks test/program/global-setup.ts');
  return path;
}
