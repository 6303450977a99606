/** The layers of the house: imports run downward only, without cycles (docs/architecture.md). */
const layers = [
  // A folder, and the only folders of src/ that it may import.
  ['model', []],
  ['protocol', ['model']],
  ['identity', []],
  ['api', ['model']],
  ['kube', []],
  ['runtime', ['kube']],
  ['planning', ['model']],
  ['provider', ['model', 'protocol', 'identity']],
  ['source', ['api', 'model']],
  ['engine', ['planning', 'provider', 'api', 'model', 'protocol']],
  [
    'controllers',
    ['engine', 'planning', 'provider', 'protocol', 'identity', 'kube', 'runtime', 'api', 'model'],
  ],
  ['vault', ['model', 'protocol', 'identity']],
  [
    'cli',
    [
      'controllers',
      'engine',
      'planning',
      'provider',
      'source',
      'identity',
      'kube',
      'runtime',
      'api',
      'model',
      'protocol',
      'vault',
    ],
  ],
];

/** Inside the vault server, bottom to top: a folder may import what stands above it in this list, and itself. */
const vaultLayers = [
  'common',
  'crypto',
  'store',
  'http',
  'act',
  'audit',
  'mail',
  'tiers',
  'managed',
  'authorization',
  'sessions',
  'people-api',
  'projects',
  'secrets',
  'groups',
  'templates',
  'machines',
  'members',
  'access',
  'automation',
  'reconciliation',
  'machine-api',
  'organizations',
  'accounts',
  'integrations',
  'alerts',
  'support',
  'join',
  'app',
  'upkeep',
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-cycles-of-folders', scope: 'folder', severity: 'error', from: {}, to: { circular: true } },
    ...vaultLayers.map((name, index) => ({
      name: `vault-${name}-imports-downward`,
      severity: 'error',
      from: { path: `^src/vault/${name}/` },
      to: {
        path: '^src/vault/',
        pathNot: `^src/vault/(${vaultLayers.slice(0, index + 1).join('|')})/`,
      },
    })),
    {
      name: 'vault-store-refuses-nothing',
      comment: 'What a fault of the store means to a caller is for those who answer to say.',
      severity: 'error',
      from: { path: '^src/vault/store/' },
      to: { path: '^src/vault/common/domain-error' },
    },
    {
      name: 'vault-folders-have-a-layer',
      comment: 'A new folder of the vault server gets its place in vaultLayers.',
      severity: 'error',
      from: {},
      to: { path: '^src/vault/', pathNot: `^src/vault/(${vaultLayers.join('|')})/` },
    },
    ...layers.map(([name, below]) => ({
      name: `${name}-imports-downward`,
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: { path: '^src/', pathNot: `^src/(${[name, ...below].join('|')})/` },
    })),
    {
      name: 'pure-core',
      comment: 'What decides is a pure function of values: no I/O, no clock, no network.',
      severity: 'error',
      from: { path: '^src/(model|planning)/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|os|timers|worker_threads)' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no compiler API that dependency-cruiser could read sources with.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
