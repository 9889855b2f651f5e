/** Which versions a cluster may go to: kubeadm's policy, and `upgrade plan`. */
import { daemonSets, deployments, nodes } from '#engine/client/resources'
import type { Invocation } from '#engine/programs/common/cobra/command'
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { offlineWarning } from './config'
import type { ControlPlane } from './control-plane'
import { corednsTag, etcdTag } from './manifests'
import { KubeadmError, type Session } from './session'

const rule = '_____________________________________________________________________'

/** Prints what may be upgraded to, where this kubeadm is newer than the cluster. */
export async function printPlan(session: Session, plane: ControlPlane, flags: Invocation['flags']): Promise<void> {
  const current = plane.cluster.kubernetesVersion
  const target = session.release
  const series = current.split('.').slice(0, 2).join('.')
  await session.say('[upgrade] Fetching available versions to upgrade to')
  await session.say(`[upgrade/versions] Cluster version: ${current.replace(/^v/, '')}`)
  await session.say(`[upgrade/versions] kubeadm version: ${target}`)
  await offlineWarning(session, 'stable')
  await session.say(`[upgrade/versions] Target version: ${target}`)
  await offlineWarning(session, `stable-${series.slice(1)}`)
  await session.say(`[upgrade/versions] Latest version in the ${series} series: ${target}`)
  if (target === current) return
  await session.say('')
  await session.say("Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':")
  await session.process.stdout.write(columns([['COMPONENT', 'NODE', 'CURRENT', 'TARGET'], ...(await kubelets(session, flags.string('kubeconfig'))).map(([name, version]) => ['kubelet', name, version, target])]))
  await session.say(`\nUpgrade to the latest version in the ${series} series:\n`)
  await session.process.stdout.write(columns([['COMPONENT', 'NODE', 'CURRENT', 'TARGET'], ...(await parts(session, plane, flags.string('kubeconfig'), target))]))
  await session.say(`\nYou can now apply the upgrade by executing the following command:\n\n\tkubeadm upgrade apply ${target}\n\n${rule}\n\n`)
  await session.say('The table below shows the current state of component configs as understood by this version of kubeadm.\nConfigs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or\nresetting to kubeadm defaults before a successful upgrade can be performed. The version to manually\nupgrade to is denoted in the "PREFERRED VERSION" column.\n')
  await session.process.stdout.write(columns([['API GROUP', 'CURRENT VERSION', 'PREFERRED VERSION', 'MANUAL UPGRADE REQUIRED'], ['kubeproxy.config.k8s.io', 'v1alpha1', 'v1alpha1', 'no'], ['kubelet.config.k8s.io', 'v1beta1', 'v1beta1', 'no']]))
  await session.say(`${rule}\n`)
}

function columns(rows: readonly (readonly string[])[]): string {
  return `${alignTabs(rows.map((row) => row.join('\t')).join('\n'), { minWidth: 10, padding: 3 })}\n`
}

async function kubelets(session: Session, kubeconfig: string): Promise<[string, string][]> {
  const { items } = await session.client(kubeconfig).of(nodes).list()
  return items.map((node): [string, string] => [node.metadata.name ?? '', node.status?.nodeInfo?.kubeletVersion ?? '']).sort(([a], [b]) => (a < b ? -1 : 1))
}

async function parts(session: Session, plane: ControlPlane, kubeconfig: string, target: string): Promise<string[][]> {
  const client = session.client(kubeconfig)
  const tag = (image: string | undefined): string => image?.split(':').pop() ?? ''
  const proxy = await client.of(daemonSets).get('kube-system', 'kube-proxy').catch(() => undefined)
  const dns = await client.of(deployments).get('kube-system', 'coredns').catch(() => undefined)
  const current = plane.cluster.kubernetesVersion
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => [name, plane.nodeName, current, target]),
    ['kube-proxy', '', tag(proxy?.spec?.template.spec?.containers[0]?.image).replace(/^v/, ''), target],
    ['CoreDNS', '', tag(dns?.spec?.template.spec?.containers[0]?.image), corednsTag],
    ['etcd', plane.nodeName, etcdTag, etcdTag],
  ]
}

export async function checkVersions(session: Session, current: string, target: string, force: boolean): Promise<void> {
  await session.say(`[upgrade/preflight] You have chosen to upgrade the cluster version to "${target}"`)
  await session.say(`[upgrade/versions] Cluster version: ${current}`)
  await session.say(`[upgrade/versions] kubeadm version: ${session.release}`)
  const { fatal, soft } = skew(current, target, session.release)
  const list = (messages: readonly string[]): string => messages.map((message) => `\t- ${message}\n`).join('')
  if (fatal.length > 0) throw new KubeadmError(`the version argument is invalid due to these fatal errors:\n\n${list(fatal)}\nPlease fix the misalignments highlighted above and try upgrading again`)
  if (soft.length === 0) return
  if (!force) throw new KubeadmError(`the version argument is invalid due to these errors:\n\n${list(soft)}\nCan be bypassed if you pass the --force flag`)
  await session.say(`[upgrade/version] Found ${soft.length} potential version compatibility errors but skipping since the --force flag is set:\n\n${list(soft)}`)
}

/** What kubeadm's policy says of going from one version to another. */
function skew(current: string, target: string, release: string): { fatal: string[]; soft: string[] } {
  const minor = (version: string): number => Number(version.split('.')[1])
  const patch = (version: string): number => Number(version.split('.')[2]?.split('-')[0])
  const fatal: string[] = []
  const soft: string[] = []
  const own = minor(release)
  if (minor(target) < own - 1 || (minor(target) === own - 1 && patch(target) === 0)) fatal.push(`Specified version to upgrade to "${target}" is equal to or lower than the minimum supported version "v1.${own - 1}.0". Please specify a higher version to upgrade to`)
  if (minor(target) > minor(current) + 1) fatal.push(`Specified version to upgrade to "${target}" is too high; kubeadm can upgrade only 1 minor version at a time`)
  if (minor(target) < minor(current) - 1) fatal.push(`Specified version to upgrade to "${target}" is too low; kubeadm can downgrade only 1 minor version at a time`)
  if (minor(target) > own) fatal.push(`Specified version to upgrade to "${target}" is at least one minor release higher than the kubeadm minor release (${minor(target)} > ${own}). Such an upgrade is not supported`)
  else if (minor(target) === own && patch(target) > patch(release)) soft.push(`Specified version to upgrade to "${target}" is higher than the kubeadm version "${release}". Upgrade kubeadm first using the tool you used to install kubeadm`)
  if (minor(target) < own) soft.push(`Kubeadm version ${release} can only be used to upgrade to Kubernetes version 1.${own}`)
  if (/-/.test(target)) soft.push(`Specified version to upgrade to "${target}" is an unstable version and such upgrades weren't allowed via setting the --allow-*-upgrades flags`)
  return { fatal, soft }
}
