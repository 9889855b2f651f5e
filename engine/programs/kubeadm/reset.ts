/** `kubeadm reset`: takes back what init and join wrote on this machine. */
import { StackedEtcd } from './etcd-members'
import { phase, KubeadmError, type Session } from './session'

export interface ResetPlan {
  readonly force: boolean
  readonly certificatesDir: string
  readonly cleanupTmp: boolean
  readonly criSocket: string
  /** One phase alone. */
  readonly only: string | undefined
  readonly skip: readonly string[]
  /** Only says what would be done. */
  readonly dryRun: boolean
}

const kubeconfigs = ['admin', 'super-admin', 'kubelet', 'bootstrap-kubelet', 'controller-manager', 'scheduler'].map((name) => `/etc/kubernetes/${name}.conf`)

export async function reset(session: Session, plan: ResetPlan): Promise<void> {
  const { files } = session.process
  const runs = (name: string): boolean => (plan.only === undefined || plan.only === name) && !plan.skip.includes(name)
  const controlPlane = files.exists('/etc/kubernetes/admin.conf') !== undefined && files.exists('/etc/kubernetes/manifests/kube-apiserver.yaml') !== undefined
  if (controlPlane && plan.only === undefined) {
    await session.say('[reset] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...')
    await session.say("[reset] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.")
  }
  if (runs('preflight')) {
    await phase('preflight', () => confirm(session, plan.force || plan.dryRun))
    await session.say('[preflight] Running pre-flight checks')
  }
  if (runs('remove-etcd-member')) await removeEtcdMember(session, controlPlane, plan)
  if (runs('cleanup-node')) await phase('cleanup-node', () => (plan.dryRun ? tellCleanup(session, plan) : cleanup(session, plan)))
  if (plan.only !== undefined) return
  await session.say(`
The reset process does not perform cleanup of CNI plugin configuration,
network filtering rules and kubeconfig files.

For information on how to perform this cleanup manually, please see:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/
`)
}

async function removeEtcdMember(session: Session, controlPlane: boolean, { dryRun, certificatesDir }: ResetPlan): Promise<void> {
  if (!controlPlane) await session.warn('removeetcdmember.go:105', '[reset] No kubeadm config, using etcd pod spec to get data directory')
  const dataDir = etcdDataDirectory(session)
  if (dataDir === undefined) return
  if (dryRun) {
    await session.say('[reset] Would remove the etcd member on this node from the etcd cluster')
    return session.say(`[reset] Would delete contents of the etcd data directory: ${dataDir}`)
  }
  if (controlPlane) await leaveEtcd(session, certificatesDir)
  empty(session, dataDir)
  await session.say(`[reset] Deleted contents of the etcd data directory: ${dataDir}`)
}

/** Of several members this one goes; alone it stays what it is. */
async function leaveEtcd(session: Session, certificatesDir: string): Promise<void> {
  const peerUrl = /--initial-advertise-peer-urls=(\S+)/.exec(session.process.files.readText('/etc/kubernetes/manifests/etcd.yaml'))?.[1] ?? ''
  try {
    const etcd = await StackedEtcd.of(session, session.client('/etc/kubernetes/admin.conf'), certificatesDir)
    await etcd.remove(peerUrl)
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    await session.warn('removeetcdmember.go:128', `[reset] Failed to remove etcd member: ${error.message}, please manually remove this etcd member using etcdctl`)
  }
}

async function confirm(session: Session, force: boolean): Promise<void> {
  if (force) return
  await session.warn('preflight.go:55', "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.")
  await session.process.stdout.write('[reset] Are you sure you want to proceed? [y/N]: ')
  let answer = ''
  for await (const line of session.process.stdin.lines()) {
    answer = line.trim().toLowerCase()
    break
  }
  if (answer !== 'y') throw new KubeadmError("won't proceed; the user didn't answer (Y|y) in order to continue")
}

function etcdDataDirectory(session: Session): string | undefined {
  const manifest = '/etc/kubernetes/manifests/etcd.yaml'
  if (!session.process.files.exists(manifest)) return undefined
  return /--data-dir=(\S+)/.exec(session.process.files.readText(manifest))?.[1]
}

async function tellCleanup(session: Session, plan: ResetPlan): Promise<void> {
  await session.say('[reset] Would stop the kubelet service')
  await session.say('[reset] Would unmount mounted directories in "/var/lib/kubelet"')
  await session.say('[reset] Would remove Kubernetes-managed containers')
  const emptied = ['/etc/kubernetes/manifests', plan.certificatesDir, ...(plan.cleanupTmp ? ['/etc/kubernetes/tmp'] : [])]
  await session.say(`[reset] Would delete contents of directories: [${emptied.join(' ')}]`)
  await session.say(`[reset] Would delete files: [${kubeconfigs.join(' ')}]`)
}

async function cleanup(session: Session, plan: ResetPlan): Promise<void> {
  const { files } = session.process
  const emptied = ['/etc/kubernetes/manifests', '/var/lib/kubelet', plan.certificatesDir, ...(plan.cleanupTmp ? ['/etc/kubernetes/tmp'] : [])]
  await session.say('[reset] Stopping the kubelet service')
  await session.run('systemctl', 'stop', 'kubelet')
  await session.say('[reset] Unmounting mounted directories in "/var/lib/kubelet"')
  for (const line of files.readText('/proc/mounts').split('\n').reverse()) {
    const target = line.split(' ')[1] ?? ''
    if (target.startsWith('/var/lib/kubelet/')) files.unmount(target, { lazy: true })
  }
  await removeSandboxes(session, plan.criSocket)
  await session.say(`[reset] Deleting contents of directories: [${emptied.join(' ')}]`)
  for (const directory of emptied) empty(session, directory)
  await session.say(`[reset] Deleting files: [${kubeconfigs.join(' ')}]`)
  for (const file of kubeconfigs) files.removeAll(file)
}

async function removeSandboxes(session: Session, criSocket: string): Promise<void> {
  await session.run('crictl', '-r', criSocket, 'rmp', '-af')
}

function empty(session: Session, directory: string): void {
  const { files } = session.process
  if (!files.exists(directory)) return
  for (const entry of files.readDirectory(directory)) files.removeAll(`${directory}/${entry.name}`)
}
