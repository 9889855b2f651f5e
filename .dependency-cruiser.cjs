/**
 * The layer table of ARCHITECTURE.md as rules that fail. Allow-list: what a layer may import is named, all else is forbidden.
 * `test/tidy/layers.test.ts` proves that a forbidden import is found.
 */
const engine = {
  base: [],
  api: ['base'],
  etcd: ['base'],
  linux: ['base'],
  client: ['base', 'api'],
  apiserver: ['base', 'api', 'etcd'],
  controllers: ['base', 'api', 'client'],
  scheduler: ['base', 'api', 'client'],
  cri: ['base', 'linux'],
  network: ['base', 'api', 'client', 'linux'],
  kubelet: ['base', 'api', 'client', 'cri', 'linux'],
  shell: ['base', 'linux'],
  programs: ['base', 'api', 'etcd', 'linux', 'client', 'apiserver', 'controllers', 'scheduler', 'cri', 'network', 'kubelet', 'shell'],
  images: ['base', 'linux', 'shell', 'programs', 'cri'],
  cluster: ['base', 'api', 'etcd', 'linux', 'client', 'apiserver', 'controllers', 'scheduler', 'cri', 'network', 'kubelet', 'shell', 'programs', 'images'],
}

const notTests = '\\.test\\.tsx?$|/testing(/|\\.ts$)'

const layers = Object.entries(engine).map(([name, allowed]) => ({
  name: `engine-${name}`,
  comment: `engine/${name} may import only: ${allowed.join(', ') || 'nothing'}. Hand the rest in by constructor, or move the code to a layer that may.`,
  severity: 'error',
  from: { path: `^engine/${name}/`, pathNot: notTests },
  to: { path: '^(engine|app|labs|test)/', pathNot: `^engine/(${[name, ...allowed].join('|')})/` },
}))

/** Folders whose children are islands: none imports its sibling. */
const islands = ['engine/controllers', 'engine/scheduler/plugins', 'engine/apiserver/admission', 'engine/programs'].map((folder) => ({
  name: `islands-${folder.replace(/\//g, '-')}`,
  comment: `The folders of ${folder} do not import each other; what several need goes to ${folder}/common or a layer below.`,
  severity: 'error',
  from: { path: `^${folder}/([^/]+)/`, pathNot: notTests },
  // coreutils is GNU's ground: find, xargs, tar and gzip read its modes and dates and copy its manners.
  to: { path: `^${folder}/([^/]+)/`, pathNot: `^${folder}/($1|common|shared${folder === 'engine/programs' ? '|coreutils' : ''})/` },
}))

module.exports = {
  forbidden: [
    ...layers,
    ...islands,
    { name: 'no-cycles', comment: 'Break the cycle: move what both need to a file of its own, or invert the dependency by an interface.', severity: 'error', from: { pathNot: notTests }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'engine-is-pure', comment: 'The engine knows no host: no node: modules.', severity: 'error', from: { path: '^engine/', pathNot: `${notTests}|\\.mjs$` }, to: { dependencyTypes: ['core'] } },
    { name: 'labs-runner', comment: 'labs/runner sees base, api, client and cluster/index.ts only.', severity: 'error', from: { path: '^labs/runner/', pathNot: notTests }, to: { path: '^(engine|app)/', pathNot: '^engine/(base|api|client)/|^engine/cluster/index\\.ts$' } },
    { name: 'app-host-and-cli', comment: 'app/host and app/cli enter the engine through cluster/index.ts.', severity: 'error', from: { path: '^app/(host|cli)/', pathNot: notTests }, to: { path: '^(engine|labs|app)/', pathNot: '^engine/cluster/index\\.ts$|^engine/base/|^labs/runner/|^app/(shared|host|cli)/' } },
    { name: 'app-screens', comment: 'main, preload and renderer see app/shared only.', severity: 'error', from: { path: '^app/(main|preload|renderer)/', pathNot: notTests }, to: { path: '^(engine|labs|app)/', pathNot: '^app/(shared|$1)/' } },
    { name: 'app-shared-is-plain', comment: 'app/shared is types and plain functions: it imports nothing of ours.', severity: 'error', from: { path: '^app/shared/' }, to: { path: '^(engine|labs|app)/', pathNot: '^app/shared/' } },
    { name: 'catalog-is-data', comment: 'labs/catalog holds data only.', severity: 'error', from: { path: '^labs/catalog/' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
    moduleSystems: ['es6', 'cjs'],
  },
}
