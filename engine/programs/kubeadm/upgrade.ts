/** `kubeadm upgrade`: plan, diff, apply and node, towards the version of this kubeadm and no further. */
import { nodes } from '#engine/client/resources'
import { bool, int, string, strings } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import type { ClusterConfiguration } from './configuration'
import { defaultCluster, defaultSocket, normalizeVersion, overlay } from './configuration'
import { components, manifestDirectory, manifestOf, server, type ControlPlane } from './control-plane'
import { corednsObjects, kubeProxyObjects } from './addons'
import { readCluster } from './certs'
import { kubeletConfiguration, writeKubeletConfiguration } from './kubelet'
import { kubeadmConfigObjects, kubeletConfigObjects } from './objects'
import { KubeadmError, phase, Session } from './session'
import { group } from './commands/group'
import { patchesOf } from './patches'
import { pullImages } from './pull-images'
import { upgradeManifests } from './upgrade-manifests'
import { checkVersions, printPlan } from './upgrade-versions'

const kubeconfig = string('kubeconfig', 'The kubeconfig file to use when talking to the cluster.', { default: '/etc/kubernetes/admin.conf' })
const common = [
  kubeconfig,
  string('config', 'Path to a kubeadm configuration file.'),
  strings('ignore-preflight-errors', 'A list of checks whose errors will be shown as warnings.'),
  bool('etcd-upgrade', 'Perform the upgrade of etcd.', { default: true }),
  bool('certificate-renewal', 'Perform the renewal of certificates used by component changed during upgrades.', { default: true }),
  bool('dry-run', 'Do not change any state, just output what actions would be performed.'),
  bool('allow-experimental-upgrades', 'Show unstable versions of Kubernetes as an upgrade alternative'),
  bool('allow-release-candidate-upgrades', 'Show release candidate versions of Kubernetes as an upgrade alternative'),
  bool('print-config', 'Specifies whether the configuration file that will be used in the upgrade should be printed or not.'),
  string('patches', 'Path to a directory that contains patches'),
  strings('skip-phases', 'List of phases to be skipped'),
]

export const upgradeCommand: Command = group({
  use: 'upgrade',
  short: 'Upgrade your cluster smoothly to a newer version with this command',
  commands: [
    { use: 'plan [version] [flags]', short: 'Check which versions are available to upgrade to and validate whether your current cluster is upgradeable', flags: [...common, string('output,o', 'Output format', { default: 'text' })], run: plan },
    { use: 'diff [version] [flags]', short: 'Show what differences would be applied to existing static pod manifests', flags: [...common, int('context-lines,c', 'How many lines of context in the diff', { default: 3 })], run: diff },
    { use: 'apply [version]', short: 'Upgrade your Kubernetes cluster to the specified version', flags: [...common, bool('yes,y', 'Perform the upgrade and do not prompt for confirmation'), bool('force,f', 'Force upgrading')], run: apply },
    { use: 'node', short: 'Upgrade commands for a node in the cluster', flags: common, run: node },
  ],
})

async function currentPlane(session: Session, kubeconfigPath: string, prefix: string): Promise<ControlPlane> {
  const cluster: ClusterConfiguration = overlay(defaultCluster(), await readCluster(session, kubeconfigPath, prefix))
  const manifest = `${manifestDirectory}/kube-apiserver.yaml`
  const text = session.process.files.exists(manifest) ? session.process.files.readText(manifest) : ''
  const flag = (name: string): string => new RegExp(`--${name}=(\\S+)`).exec(text)?.[1] ?? ''
  return { cluster, nodeName: session.hostname(), advertiseAddress: flag('advertise-address'), bindPort: Number(flag('secure-port') || 6443) }
}

async function plan({ process, flags }: Invocation): Promise<number> {
  const session = new Session(process)
  session.client(flags.string('kubeconfig'))
  await session.say('[preflight] Running pre-flight checks.')
  const plane = await currentPlane(session, flags.string('kubeconfig'), 'upgrade/config')
  await session.say('[upgrade] Running cluster health checks')
  await phase('preflight', () => healthy(session, flags.string('kubeconfig')))
  await printPlan(session, plane, flags)
  return 0
}

async function diff({ process, flags }: Invocation): Promise<number> {
  const session = new Session(process)
  const plane = await currentPlane(session, flags.string('kubeconfig'), 'upgrade/diff')
  for (const component of components) {
    const path = `${manifestDirectory}/${component}.yaml`
    const wanted = manifestOf(session, plane, component)
    if (process.files.readText(path) === wanted) continue
    const temporary = `/tmp/kubeadm-upgrade-${component}.yaml`
    process.files.writeFile(temporary, wanted)
    const diffProgram = session.find('diff')
    if (diffProgram) await process.spawn(diffProgram, ['diff', `-U${flags.number('context-lines')}`, '--label', path, '--label', 'new manifest', path, temporary]).wait()
    process.files.removeAll(temporary)
  }
  return 0
}

async function healthy(session: Session, kubeconfigPath: string): Promise<void> {
  const client = session.client(kubeconfigPath)
  const planes = (await client.of(nodes).list('', { labelSelector: 'node-role.kubernetes.io/control-plane' })).items
  const notReady = planes.filter((item) => !(item.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True'))
  if (notReady.length === 0) return
  throw new KubeadmError(`[preflight] Some fatal errors occurred:\n\t[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [${notReady.map((item) => item.metadata.name).join(' ')}]\n[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\``)
}

/** Flags that are known and not acted on fail where they are given. */
function refuse({ flags }: Invocation, ...names: string[]): void {
  for (const name of names) if (flags.changed(name)) throw new KubeadmError(`--${name} is not supported by this kubeadm`)
}

async function apply(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  refuse(invocation, 'dry-run', 'skip-phases', 'print-config', 'config')
  const session = new Session(process)
  session.client(flags.string('kubeconfig'))
  const version = args[0]
  if (version === undefined && flags.string('config') === '') throw new KubeadmError('missing one or more required arguments. Required arguments: [version]')
  const target = normalizeVersion(version ?? session.release, session.release)
  const plane = await currentPlane(session, flags.string('kubeconfig'), 'upgrade')
  await session.say('[upgrade/preflight] Running preflight checks')
  await session.say('[upgrade] Running cluster health checks')
  await phase('preflight', async () => {
    await healthy(session, flags.string('kubeconfig'))
    await checkVersions(session, plane.cluster.kubernetesVersion, target, flags.bool('force'))
    if (!flags.bool('yes') && !flags.bool('force')) await confirm(session)
  })
  await session.say('[upgrade/preflight] Pulling images required for setting up a Kubernetes cluster')
  await session.say('[upgrade/preflight] This might take a minute or two, depending on the speed of your internet connection')
  await session.say("[upgrade/preflight] You can also perform this action beforehand using 'kubeadm config images pull'")
  await phase('preflight', () => pullImages(session, { ...plane.cluster, kubernetesVersion: target }, defaultSocket, flags.list('ignore-preflight-errors')))
  const next: ControlPlane = { ...plane, cluster: { ...plane.cluster, kubernetesVersion: target }, ...patchesOf(session, flags.string('patches')) }
  await session.say(`[upgrade/control-plane] Upgrading your Static Pod-hosted control plane to version "${target}" (timeout: 5m0s)...`)
  await upgradeManifests(session, next, flags.string('kubeconfig'), flags.bool('certificate-renewal'))
  await session.say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
  const client = session.client(flags.string('kubeconfig'))
  await session.say('[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace')
  for (const object of kubeadmConfigObjects(next.cluster)) await session.apply(client, object)
  await session.say('[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster')
  for (const object of kubeletConfigObjects(kubeletConfiguration(next.cluster, undefined))) await session.apply(client, object)
  await finishNode(session, next, true, flags.string('kubeconfig'))
  await session.say(`\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "${target}".\n\n[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.`)
  return 0
}

async function confirm(session: Session): Promise<void> {
  await session.process.stdout.write('[upgrade] Are you sure you want to proceed? [y/N]: ')
  for await (const line of session.process.stdin.lines()) {
    if (line.trim().toLowerCase() === 'y') return
    break
  }
  throw new KubeadmError("won't proceed; the user didn't answer (Y|y) in order to continue")
}

async function node(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  refuse(invocation, 'dry-run', 'skip-phases', 'print-config', 'config')
  const session = new Session(process)
  const controlPlane = process.files.exists(`${manifestDirectory}/kube-apiserver.yaml`) !== undefined
  const credentials = process.files.exists(flags.string('kubeconfig')) ? flags.string('kubeconfig') : '/etc/kubernetes/kubelet.conf'
  const plane: ControlPlane = { ...(await currentPlane(session, credentials, 'upgrade')), ...patchesOf(session, flags.string('patches')) }
  await session.say('[upgrade/preflight] Running pre-flight checks')
  if (controlPlane) {
    await session.say('[upgrade/preflight] Pulling images required for setting up a Kubernetes cluster')
    await session.say('[upgrade/preflight] This might take a minute or two, depending on the speed of your internet connection')
    await session.say("[upgrade/preflight] You can also perform this action beforehand using 'kubeadm config images pull'")
    await session.say(`[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version "${plane.cluster.kubernetesVersion}"...`)
    await upgradeManifests(session, plane, credentials, flags.bool('certificate-renewal'))
    await session.say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
    await session.say('[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!')
  } else {
    await session.say('[upgrade/preflight] Skipping prepull. Not a control plane node.')
    await session.say('[upgrade/control-plane] Skipping phase. Not a control plane node.')
    await session.say('[upgrade/kubeconfig] Skipping phase. Not a control plane node.')
  }
  await finishNode(session, plane, controlPlane, credentials)
  return 0
}

/** kubelet configuration, add-ons, and copies of what was replaced. */
async function finishNode(session: Session, plane: ControlPlane, controlPlane: boolean, credentials: string): Promise<void> {
  const { process } = session
  const stamp = new Date(process.clock.now()).toISOString().slice(0, 19).replace(/[T:]/g, '-')
  const configDirectory = `/etc/kubernetes/tmp/kubeadm-kubelet-config-${stamp}`
  process.files.mkdirAll(configDirectory, 0o700)
  await session.warn('postupgrade.go:105', `Using temporary directory ${configDirectory} for kubelet config. To override it set the environment variable KUBEADM_UPGRADE_DRYRUN_DIR`)
  await session.say(`[upgrade] Backing up kubelet config file to ${configDirectory}/config.yaml`)
  process.files.writeFile(`${configDirectory}/config.yaml`, process.files.readFile('/var/lib/kubelet/config.yaml'), 0o644)
  const socket = /containerRuntimeEndpoint: "?([^"\n]+)/.exec(process.files.readText('/var/lib/kubelet/instance-config.yaml'))?.[1] ?? 'unix:///run/containerd/containerd.sock'
  await writeKubeletConfiguration(process, kubeletConfiguration(plane.cluster, undefined), socket, (line) => (line.includes('instance-config') ? Promise.resolve() : session.say(line)))
  await session.say('[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!')
  if (controlPlane) {
    const client = session.client(credentials)
    for (const object of corednsObjects(plane.cluster)) await session.apply(client, object)
    await session.say('[addons] Applied essential addon: CoreDNS')
    for (const object of kubeProxyObjects(plane.cluster, server(plane), undefined)) await session.apply(client, object)
    await session.say('[addons] Applied essential addon: kube-proxy')
  } else {
    await session.say('[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.')
    await session.say('[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.')
  }
  const envDirectory = `/etc/kubernetes/tmp/kubeadm-kubelet-env${process.random.integer(4_000_000_000)}`
  process.files.mkdirAll(envDirectory, 0o700)
  await session.warn('postupgrade.go:203', `Using temporary directory ${envDirectory} for kubelet env file. To override it set the environment variable KUBEADM_UPGRADE_DRYRUN_DIR`)
  await session.say(`[upgrade] Backing up kubelet env file to ${envDirectory}/kubeadm-flags.env`)
  process.files.writeFile(`${envDirectory}/kubeadm-flags.env`, process.files.readFile('/var/lib/kubelet/kubeadm-flags.env'), 0o644)
}
