// Who may import whom. Type-only imports count: they couple as much as the others.

const CORE = '^pipelines/core/';

/** Everything a folder may import; what is not listed is refused. Packages by name, Node's own modules as `node`. */
function only(name, from, { folders = [], packages = [], node = false }) {
  const allowed = [...folders, ...packages.map((p) => `(^|/)node_modules/(@types/)?${p}/`)];
  return {
    name,
    severity: 'error',
    from: { path: from },
    to: {
      pathNot: allowed,
      dependencyTypesNot: node ? ['core'] : [],
    },
  };
}

module.exports = {
  forbidden: [
    only('pipelines-core', CORE, { folders: [CORE] }),
    only('pipelines', '^pipelines/(?!core/)', { folders: ['^pipelines/'], packages: ['rxjs'] }),
    only('adapters', '^adapters/', {
      folders: ['^adapters/', CORE],
      packages: ['rxjs', 'zod', 'serialport', '@serialport/[^/]+'],
      node: true,
    }),
    only('models', '^models/', {
      folders: ['^models/', CORE],
      packages: ['onnxruntime-node', 'onnxruntime-common', 'zod'],
      node: true,
    }),
    only('daemon-protocol', '^daemon/protocol/', {
      folders: ['^daemon/protocol/', CORE],
      packages: ['msgpackr'],
    }),
    // A browser loads it: of Node there is only what `node.ts` brings.
    only('daemon-client', '^daemon/client/(?!node\\.ts$)', {
      folders: ['^daemon/client/(?!node\\.ts$)', '^daemon/protocol/', CORE],
    }),
    // The codes of alarms: the board has a text for each.
    only('dashboards', '^dashboards/web/', {
      folders: [
        '^dashboards/web/',
        '^daemon/protocol/',
        '^daemon/client/(?!node\\.ts$)',
        '^daemon/alarms/alarm-codes\\.ts$',
        CORE,
      ],
      packages: ['msgpackr'],
    }),
    {
      name: 'daemon',
      severity: 'error',
      comment: 'The daemon may use everything but the browser code and the tests.',
      from: { path: '^daemon/' },
      to: { path: '^(dashboards|test)/' },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-test-imports-main',
      severity: 'error',
      comment: 'daemon/main.ts is the process; nothing may depend on it.',
      from: {},
      to: { path: '^daemon/main\\.ts$' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Circles of values; a circle of types alone does no harm.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'packages-are-declared',
      severity: 'error',
      // The build runs in a checkout, where there is esbuild.
      from: { path: '^(adapters|daemon|models|pipelines)/', pathNot: '^daemon/launch/bundle\\.mjs$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
    { name: 'imports-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.d\\.ts$|^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'types', 'default'], exportsFields: ['exports'] },
  },
};
