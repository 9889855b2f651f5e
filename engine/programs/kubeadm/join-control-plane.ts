/** What `kubeadm join --control-plane` does beside a worker's join: certificates, manifests and another member of etcd. */
import type { KubeObject } from '#engine/api/object'
import { parseYaml } from '#engine/base/yaml/parser'
import { createLeaf, createServiceAccountKeys, leaves } from './certificates'
import { defaultCluster, durationMs, overlay, type ClusterConfiguration } from './configuration'
import { certificateContext, kubeconfigsPhase, manifestDirectory, manifestsPhase, writeManifest, type ControlPlane } from './control-plane'
import { downloadCertificates } from './download-certs'
import { StackedEtcd } from './etcd-members'
import type { ControlPlaneJoin, JoinContext } from './join-plan'
import { waitControlPlane } from './kubelet-start'
import { markControlPlane } from './mark'
import { preflight } from './preflight'
import { pullImages } from './pull-images'
import { KubeadmError, phase, type Session } from './session'

const adminKubeconfig = '/etc/kubernetes/admin.conf'

export function clusterIn(map: KubeObject): ClusterConfiguration {
  return overlay(defaultCluster(), parseYaml(((map['data'] ?? {}) as Record<string, string>)['ClusterConfiguration'] ?? '') as Partial<ClusterConfiguration>)
}

function planeOf(context: JoinContext, own: ControlPlaneJoin): ControlPlane {
  return { cluster: context.cluster, nodeName: context.plan.join.nodeRegistration.name, advertiseAddress: own.advertiseAddress, bindPort: own.bindPort, ...(context.plan.patches ? { patches: context.plan.patches } : {}) }
}

/** Before anything is changed: may this machine become a control plane? */
export async function checkControlPlane(session: Session, context: JoinContext, own: ControlPlaneJoin): Promise<void> {
  const { cluster, plan } = context
  const problem = cluster.controlPlaneEndpoint === undefined ? "unable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint address" : own.certificateKey === '' ? missingCertificates(session, cluster) : undefined
  if (problem !== undefined)
    throw new KubeadmError(`\nOne or more conditions for hosting a new control plane instance is not satisfied.\n\n${problem}\n\nPlease ensure that:\n* The cluster has a stable controlPlaneEndpoint address.\n* The certificates that must be shared among control plane instances are provided.\n\n`)
  await session.say('[preflight] Running pre-flight checks before initializing the new control plane instance')
  await preflight(session, {
    ports: [own.bindPort, 10259, 10257, 10250, 2379, 2380],
    absentFiles: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'].map((name) => `${manifestDirectory}/${name}.yaml`),
    emptyDirectories: [cluster.etcd.local?.dataDir ?? '/var/lib/etcd'],
    criSocket: plan.join.nodeRegistration.criSocket,
    controlPlane: true,
    ignore: plan.ignore,
  })
  await session.say('[preflight] Pulling images required for setting up a Kubernetes cluster')
  await session.say('[preflight] This might take a minute or two, depending on the speed of your internet connection')
  await session.say("[preflight] You can also perform this action beforehand using 'kubeadm config images pull'")
  await pullImages(session, cluster, plan.join.nodeRegistration.criSocket, plan.ignore)
}

/** What must have been copied here by hand, where no key for the uploaded certificates was given. */
function missingCertificates(session: Session, { certificatesDir }: ClusterConfiguration): string | undefined {
  const wanted = [['certificate', 'CA', 'certificate file', 'ca.crt'], ['key', 'service account', 'private key file', 'sa.key'], ['certificate', 'front-proxy CA', 'certificate file', 'front-proxy-ca.crt'], ['certificate', 'etcd CA', 'certificate file', 'etcd/ca.crt']] as const
  const missing = wanted.filter(([, , , file]) => !session.process.files.exists(`${certificatesDir}/${file}`))
  if (missing.length === 0) return undefined
  const words = missing.map(([what, whose, kind, file]) => `failure loading ${what} for ${whose}: couldn't load the ${kind} ${certificatesDir}/${file}: open ${certificatesDir}/${file}: no such file or directory`)
  return words.length > 1 ? `[${words.join(', ')}]` : words[0]
}

/** Certificates, kubeconfig files and manifests; of etcd not yet. */
export async function prepare(session: Session, context: JoinContext, own: ControlPlaneJoin): Promise<void> {
  const plane = planeOf(context, own)
  await phase('control-plane-prepare/download-certs', () => downloadCertificates(session, session.clientOf(() => context.config), plane.cluster.certificatesDir, own.certificateKey))
  await phase('control-plane-prepare/certs', () => certificates(session, plane))
  await phase('control-plane-prepare/kubeconfig', async () => {
    await session.say('[kubeconfig] Generating kubeconfig files')
    await session.say('[kubeconfig] Using kubeconfig folder "/etc/kubernetes"')
    for (const name of ['admin', 'controller-manager', 'scheduler']) await kubeconfigsPhase(session, plane, '/etc/kubernetes', name)
  })
  await phase('control-plane-prepare/control-plane', () => manifestsPhase(session, plane))
}

async function certificates(session: Session, plane: ControlPlane): Promise<void> {
  const context = certificateContext(session, plane)
  await session.say(`[certs] Using certificateDir folder "${plane.cluster.certificatesDir}"`)
  for (const leaf of leaves) await createLeaf(context, leaf, session.say)
  await session.say(`[certs] Valid certificates and keys now exist in "${plane.cluster.certificatesDir}"`)
  await createServiceAccountKeys(context, session.say)
}

export async function checkEtcd(session: Session, { cluster }: JoinContext): Promise<void> {
  await session.say('[check-etcd] Checking that the etcd cluster is healthy')
  await (await StackedEtcd.of(session, session.client(adminKubeconfig), cluster.certificatesDir)).members()
}

/** Another member of etcd: it is announced, begins, catches up and gets its vote. */
export async function joinEtcd(session: Session, context: JoinContext, own: ControlPlaneJoin): Promise<void> {
  const plane = planeOf(context, own)
  const peerUrl = `https://${own.advertiseAddress}:2380`
  const etcd = await StackedEtcd.of(session, session.client(adminKubeconfig), plane.cluster.certificatesDir)
  const members = await etcd.addLearner(peerUrl)
  await session.say('[etcd] Announced new etcd member joining to the existing etcd cluster')
  await session.say('[etcd] Creating static Pod manifest for "etcd"')
  session.process.files.mkdirAll(plane.cluster.etcd.local?.dataDir ?? '/var/lib/etcd', 0o700)
  const initialCluster = members.map((member) => `${member.name === '' ? plane.nodeName : member.name}=${member.peerUrls[0] ?? ''}`).join(',')
  await writeManifest(session, { ...plane, joiningEtcd: initialCluster }, 'etcd')
  await etcd.promote(peerUrl)
  await session.say('[etcd] Waiting for the new etcd member to join the cluster. This can take up to 40s')
  const started = await session.waitFor(40_000, 500, async () => (await etcd.members()).some((member) => member.peerUrls.includes(peerUrl) && member.name !== ''))
  if (!started) throw new KubeadmError('timeout waiting for etcd cluster to be available')
}

export async function finish(session: Session, context: JoinContext, own: ControlPlaneJoin): Promise<void> {
  const { plan } = context
  await phase('control-plane-join/mark-control-plane', () => markControlPlane(session, plan.join.nodeRegistration.name, plan.join.nodeRegistration.taints, adminKubeconfig))
  const limit = plan.join.timeouts['controlPlaneComponentHealthCheck'] ?? '4m0s'
  await phase('wait-control-plane', () => waitControlPlane(session, planeOf(context, own), limit, durationMs(limit) ?? 240_000))
  await session.say(`
This node has joined the cluster and a new control plane instance was created:

* Certificate signing request was sent to apiserver and approval was received.
* The Kubelet was informed of the new secure connection details.
* Control plane label and taint were applied to the new node.
* The Kubernetes control plane instances scaled up.
* A new etcd member was added to the local/stacked etcd cluster.

To start administering your cluster from this node, you need to run the following as a regular user:

	mkdir -p $HOME/.kube
	sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config
	sudo chown $(id -u):$(id -g) $HOME/.kube/config

Run 'kubectl get nodes' to see this node join the cluster.
`)
}
