/** `kubeadm config` and `kubeadm version`: what kubeadm would do, printed. */
import { emitYaml } from '#engine/base/yaml/emit'
import { string, strings } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { defaultCluster, defaultInit, defaultJoin, normalizeVersion, readConfiguration } from './configuration'
import { corednsTag, etcdTag, pauseTag } from './manifests'
import { kubeProxyConfigTemplate } from './addons.table'
import { kubeletConfiguration } from './kubelet'
import { checkStrictly, migrateCommand } from './migrate'
import { KubeadmError, Session } from './session'
import { group } from './commands/group'

const kubeconfig = string('kubeconfig', 'The kubeconfig file to use when talking to the cluster.', { default: '/etc/kubernetes/admin.conf' })
const imageFlags = [
  string('config', 'Path to a kubeadm configuration file.'),
  string('feature-gates', 'A set of key=value pairs that describe feature gates for various features.'),
  string('image-repository', 'Choose a container registry to pull control plane images from', { default: 'registry.k8s.io' }),
  string('kubernetes-version', 'Choose a specific Kubernetes version for the control plane.', { default: 'stable-1' }),
]

export const configCommand: Command = group({
  use: 'config',
  short: 'Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster',
  persistentFlags: [kubeconfig],
  commands: [
    group({
      use: 'images',
      short: 'Interact with container images used by kubeadm',
      commands: [
        { use: 'list', short: 'Print a list of images kubeadm will use. The configuration file is used in case any images or image repositories are customized', flags: [...imageFlags, string('output,o', 'Output format. One of: text|json|yaml', { default: 'text' })], run: imagesList },
        { use: 'pull', short: 'Pull images used by kubeadm', flags: [...imageFlags, string('cri-socket', 'Path to the CRI socket to connect.')], run: imagesPull },
      ],
    }),
    group({
      use: 'print',
      short: 'Print configuration',
      commands: [
        { use: 'init-defaults', short: "Print default init configuration, that can be used for 'kubeadm init'", flags: [strings('component-configs', 'A comma-separated list for component config API objects to print the default values for.')], run: printInit },
        { use: 'join-defaults', short: "Print default join configuration, that can be used for 'kubeadm join'", run: printJoin },
        { use: 'reset-defaults', short: "Print default reset configuration, that can be used for 'kubeadm reset'", run: ({ process }) => print(process, [{ apiVersion: 'kubeadm.k8s.io/v1beta4', certificatesDir: '/etc/kubernetes/pki', criSocket: 'unix:///var/run/containerd/containerd.sock', kind: 'ResetConfiguration', timeouts: defaultJoin('node').timeouts }]) },
      ],
    }),
    { use: 'validate', short: 'Read a file containing the kubeadm configuration API and report any warnings or errors', flags: [string('config', 'Path to a kubeadm configuration file.')], run: validate },
    migrateCommand,
  ],
})

export const versionCommand: Command = {
  use: 'version',
  short: 'Print the version of kubeadm',
  flags: [string('output,o', "Output format; available options are 'yaml', 'json' and 'short'")],
  run: printVersion,
}

function buildOf(release: string): Record<'buildDate' | 'compiler' | 'gitCommit' | 'gitTreeState' | 'gitVersion' | 'goVersion' | 'major' | 'minor' | 'platform', string> {
  return {
    buildDate: '2026-04-15T18:43:22Z',
    compiler: 'gc',
    gitCommit: 'a9f03fbc3a4e0d2b3f1bdbbd3a3f5c3c04ef9af4',
    gitTreeState: 'clean',
    gitVersion: release,
    goVersion: 'go1.25.8',
    major: '1',
    minor: release.split('.')[1] ?? '',
    platform: 'linux/amd64',
  }
}

async function printVersion({ process, flags }: Invocation): Promise<number> {
  const format = flags.string('output')
  const build = buildOf(new Session(process).release)
  const text = {
    '': `kubeadm version: &version.Info{Major:"1", Minor:"${build.minor}", EmulationMajor:"", EmulationMinor:"", MinCompatibilityMajor:"", MinCompatibilityMinor:"", GitVersion:"${build.gitVersion}", GitCommit:"${build.gitCommit}", GitTreeState:"clean", BuildDate:"${build.buildDate}", GoVersion:"${build.goVersion}", Compiler:"gc", Platform:"linux/amd64"}\n`,
    short: `${build.gitVersion}\n`,
    yaml: emitYaml({ clientVersion: build }),
    json: `${JSON.stringify({ clientVersion: { major: build.major, minor: build.minor, gitVersion: build.gitVersion, gitCommit: build.gitCommit, gitTreeState: build.gitTreeState, buildDate: build.buildDate, goVersion: build.goVersion, compiler: build.compiler, platform: build.platform } }, null, 2)}\n`,
  }[format]
  if (text === undefined) throw new KubeadmError(`invalid output format: ${format}`)
  await process.stdout.write(text)
  return 0
}

export function images(repository: string, version: string): string[] {
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `${repository}/${name}:${version}`),
    `${repository}${repository === 'registry.k8s.io' ? '/coredns' : ''}/coredns:${corednsTag}`,
    `${repository}/pause:${pauseTag}`,
    `${repository}/etcd:${etcdTag}`,
  ]
}

async function wantedImages(invocation: Invocation): Promise<string[]> {
  const { process, flags } = invocation
  const given = flags.string('config') === '' ? undefined : readConfiguration(readGiven(invocation, flags.string('config'))).cluster
  const version = given?.kubernetesVersion ?? flags.string('kubernetes-version')
  const label = /^(stable|latest)/.test(version)
  if (label) await offlineWarning(new Session(process), version)
  return images(given?.imageRepository ?? flags.string('image-repository'), normalizeVersion(version, new Session(process).release))
}

/** Labels are looked up on the internet; without it kubeadm falls back to its own version. */
export async function offlineWarning(session: Session, label: string): Promise<void> {
  const url = `https://dl.k8s.io/release/${label}.txt`
  const server = /^nameserver (\S+)/m.exec(session.process.files.readText('/etc/resolv.conf'))?.[1] ?? '127.0.0.53'
  await session.warn('version.go:108', `could not fetch a Kubernetes version from the internet: unable to get URL "${url}": Get "${url}": dial tcp: lookup dl.k8s.io on ${server}:53: no such host`)
  await session.warn('version.go:109', `falling back to the local client version: ${session.release}`)
}

export function readGiven({ process }: Invocation, path: string): string {
  if (!process.files.exists(path)) throw new KubeadmError(`unable to read config from "${path}" : open ${path}: no such file or directory`)
  return process.files.readText(path)
}

async function imagesList(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const list = await wantedImages(invocation)
  const format = flags.string('output')
  if (format === 'text') await process.stdout.write(`${list.join('\n')}\n`)
  else if (format === 'json') await process.stdout.write(`${JSON.stringify({ kind: 'Images', apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images: list }, null, 4)}\n`)
  else if (format === 'yaml') await process.stdout.write(emitYaml({ apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images: list, kind: 'Images' }))
  else throw new KubeadmError(`invalid output format: ${format}`)
  return 0
}

async function imagesPull(invocation: Invocation): Promise<number> {
  const session = new Session(invocation.process)
  for (const image of await wantedImages(invocation)) {
    const code = await session.run('crictl', 'pull', image)
    if (code !== 0) throw new KubeadmError(`failed to pull image "${image}": exit status ${code}`)
    await session.say(`[config/images] Pulled ${image}`)
  }
  return 0
}

async function printInit({ process, flags }: Invocation): Promise<number> {
  const components = flags.list('component-configs')
  const known = ['KubeProxyConfiguration', 'KubeletConfiguration']
  if (components.some((name) => !known.includes(name))) throw new KubeadmError(`--component-configs needs to contain some of [${known.join(' ')}]`)
  const cluster = { ...defaultCluster(), kubernetesVersion: '1.35.0' }
  const documents: unknown[] = [defaultInit('node', '1.2.3.4', 'abcdef.0123456789abcdef'), cluster]
  const rest = components.map((name) => (name === 'KubeletConfiguration' ? emitYaml(kubeletConfiguration(cluster, undefined)) : `${kubeProxyConfigTemplate.replace('{{CLUSTER_CIDR}}', '""').replace('{{MODE}}', '""')}\n`))
  await process.stdout.write([...documents.map((document) => emitYaml(document)), ...rest].join('---\n'))
  return 0
}

function printJoin({ process }: Invocation): Promise<number> {
  const session = new Session(process)
  const bootstrapToken = { apiServerEndpoint: 'kube-apiserver:6443', token: 'abcdef.0123456789abcdef', unsafeSkipCAVerification: true }
  return print(process, [{ ...defaultJoin(session.hostname()), discovery: { bootstrapToken, tlsBootstrapToken: 'abcdef.0123456789abcdef' } }])
}

async function print(process: Invocation['process'], documents: readonly unknown[]): Promise<number> {
  await process.stdout.write(documents.map((document) => emitYaml(document)).join('---\n'))
  return 0
}

async function validate(invocation: Invocation): Promise<number> {
  const path = invocation.flags.string('config')
  if (path === '') throw new KubeadmError('the --config flag is mandatory')
  await checkStrictly(new Session(invocation.process), readGiven(invocation, path))
  await invocation.process.stdout.write('ok\n')
  return 0
}
