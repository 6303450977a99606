/** How a client, a proxy or an attacker may write a name into a path. */
export const SPELLINGS: readonly ((name: string) => string)[] = [
  encodeURIComponent,
  (name) => encodeURIComponent(encodeURIComponent(name)),
  (name) => encodeURIComponent(name).toLowerCase(),
  (name) => Buffer.from(name, 'utf8').toString('hex').replaceAll(/../g, '%$&').toUpperCase(),
  (name) => encodeURI(name),
  (name) => Buffer.from(name, 'utf8').toString('latin1'),
  (name) => `${encodeURIComponent(name)}/..`,
  (name) => `./${encodeURIComponent(name)}`,
  (name) => `${encodeURIComponent(name)}%2F..`,
];
