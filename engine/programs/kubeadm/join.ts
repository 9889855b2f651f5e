/** `kubeadm join`: from a token to a kubelet with a certificate of its own, and to another control plane where that is asked for. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, fromBase64, decodeUtf8, toBase64Url } from '#engine/base/bytes'
import { parseYaml } from '#engine/base/yaml/parser'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import type { ClientConfig } from '#engine/client/config'
import { parseKubeconfig } from '#engine/client/kubeconfig'
import { configMaps, nodes } from '#engine/client/resources'
import { durationMs, type JoinConfiguration } from './configuration'
import { publicKeyHash } from './join-command'
import { checkControlPlane, checkEtcd, clusterIn, finish, joinEtcd, prepare } from './join-control-plane'
import type { ControlPlaneJoin, Discovered, JoinContext, JoinPlan } from './join-plan'
import { writeKubeletConfiguration } from './kubelet'
import { startKubelet, waitKubelet } from './kubelet-start'
import { kubeconfigYaml } from './kubeconfigs'
import { preflight } from './preflight'
import { goMessage, KubeadmError, phase, type Session } from './session'

type Phase = (session: Session, context: JoinContext, own: ControlPlaneJoin) => Promise<void>

/** Phases only of who becomes a control plane, by name. */
const controlPlanePhases: Readonly<Record<string, Phase>> = {
  'control-plane-prepare': prepare,
  'check-etcd': (session, context) => checkEtcd(session, context),
  'etcd-join': joinEtcd,
  'control-plane-join': finish,
}

/** Phases that may be run alone. */
export async function joinPhase(session: Session, plan: JoinPlan, name: string): Promise<void> {
  if (name === 'preflight') return void (await preflightPhase(session, plan))
  const context = await contextOf(session, plan, await discover(session, plan.join))
  if (name === 'kubelet-start') return kubeletStart(session, context)
  const run = controlPlanePhases[name]
  if (run && plan.controlPlane) await run(session, context, plan.controlPlane)
}

export async function join(session: Session, plan: JoinPlan): Promise<void> {
  const context = await phase('preflight', () => preflightPhase(session, plan))
  const own = plan.controlPlane
  const runs = (name: string): boolean => !plan.skip.includes(name)
  if (own && runs('control-plane-prepare')) await prepare(session, context, own)
  if (own && runs('check-etcd')) await phase('check-etcd', () => checkEtcd(session, context))
  if (runs('kubelet-start')) await phase('kubelet-start', () => kubeletStart(session, context))
  if (own && runs('etcd-join')) await phase('etcd-join', () => joinEtcd(session, context, own))
  if (own && runs('kubelet-wait-bootstrap')) await phase('kubelet-wait-bootstrap', () => waitBootstrap(session, plan))
  if (own) return finish(session, context, own)
  await session.say(`
This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.
* The Kubelet was informed of the new secure connection details.

Run 'kubectl get nodes' on the control-plane to see this node join the cluster.
`)
}

async function preflightPhase(session: Session, plan: JoinPlan): Promise<JoinContext> {
  await session.say('[preflight] Running pre-flight checks')
  if (!plan.skip.includes('preflight'))
    await preflight(session, {
      ports: plan.controlPlane ? [] : [10250],
      absentFiles: ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/bootstrap-kubelet.conf', ...(plan.controlPlane ? [] : [plan.join.caCertPath])],
      emptyDirectories: plan.controlPlane ? [] : ['/etc/kubernetes/manifests'],
      criSocket: plan.join.nodeRegistration.criSocket,
      controlPlane: false,
      ignore: plan.ignore,
    })
  const discovered = await discover(session, plan.join)
  await session.say('[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...')
  await session.say("[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.")
  const context = await contextOf(session, plan, discovered)
  if (plan.controlPlane) await checkControlPlane(session, context, plan.controlPlane)
  return context
}

async function contextOf(session: Session, plan: JoinPlan, discovered: Discovered): Promise<JoinContext> {
  const config = tokenConfig(plan.join, discovered)
  return { plan, discovered, config, cluster: clusterIn(await readMap(session.clientOf(() => config), 'kubeadm-config')) }
}

function tokenConfig(join: JoinConfiguration, discovered: Discovered): ClientConfig {
  const token = join.discovery.tlsBootstrapToken ?? join.discovery.bootstrapToken?.token ?? ''
  return { server: discovered.server, roots: { data: discovered.authority }, token }
}

/** Reads cluster-info without trust, then proves it: by the token's signature, and by the pinned key where one is given. */
async function discover(session: Session, join: JoinConfiguration): Promise<Discovered> {
  if (join.discovery.file) return fromFile(session, join.discovery.file.kubeConfigPath)
  const settings = join.discovery.bootstrapToken
  if (!settings) throw new KubeadmError('discovery: Invalid value: "": bootstrapToken or file must be set')
  const failed = (reason: string): KubeadmError => new KubeadmError(`couldn't validate the identity of the API Server: ${reason}`)
  const limit = durationMs(join.timeouts['discovery'] ?? '5m0s') ?? 300_000
  const endpoint = `https://${settings.apiServerEndpoint}`
  const info = await clusterInfo(session, endpoint, settings.token, limit).catch((error: Error) => {
    throw error.name === 'ProcessKilled' ? error : failed(goMessage(error))
  })
  const cluster = (parseYaml(info) as { clusters?: { cluster: { server: string; 'certificate-authority-data': string } }[] }).clusters?.[0]?.cluster
  if (!cluster) throw failed('there is no valid cluster in the cluster-info ConfigMap')
  const authority = decodeUtf8(fromBase64(cluster['certificate-authority-data']))
  const hash = publicKeyHash(authority)
  if (!settings.unsafeSkipCAVerification && !(settings.caCertHashes ?? []).includes(hash))
    throw failed(`cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${hash}" are pinned`)
  return { server: cluster.server, authority }
}

/** A kubeconfig that somebody has brought here is trusted as it stands. */
function fromFile({ process: { files } }: Session, path: string): Discovered {
  const failed = (reason: string): KubeadmError => new KubeadmError(`couldn't validate the identity of the API Server: ${reason}`)
  const config = parseKubeconfig(files.readText(path), path)
  const context = config.contexts.find((item) => item.name === config['current-context'])
  const cluster = (config.clusters.find((item) => item.name === (context?.context.cluster ?? '')) ?? config.clusters[0])?.cluster
  if (!cluster) throw failed('no valid cluster object in the kubeconfig file')
  const given = cluster['certificate-authority-data']
  const authority = given ? decodeUtf8(fromBase64(given)) : cluster['certificate-authority'] ? files.readText(cluster['certificate-authority']) : undefined
  if (authority === undefined) throw failed('the kubeconfig file has no certificate authority')
  return { server: cluster.server ?? '', authority }
}

async function clusterInfo(session: Session, endpoint: string, token: string, limitMs: number): Promise<string> {
  const [id = '', secret = ''] = token.split('.')
  const client = session.clientOf(() => ({ server: endpoint, insecure: true }))
  let last: Error = new KubeadmError('timed out')
  const until = session.process.clock.now() + limitMs
  do {
    try {
      const map = await client.of(configMaps).get('kube-public', 'cluster-info')
      const data = (map['data'] ?? {}) as Record<string, string>
      return verified(data, id, secret)
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
      last = error.name === 'ConnectionError' ? new KubeadmError(`failed to request the cluster-info ConfigMap: ${error.message}`) : error
    }
    await session.process.clock.sleep(Math.min(5000, Math.max(0, until - session.process.clock.now())))
  } while (session.process.clock.now() < until)
  throw last
}

function verified(data: Readonly<Record<string, string>>, id: string, secret: string): string {
  const signature = data[`jws-kubeconfig-${id}`]
  const kubeconfig = data['kubeconfig'] ?? ''
  if (!signature) throw new KubeadmError(`could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`)
  const header = signature.split('.')[0] ?? ''
  const mac = toBase64Url(hmac(sha256, encodeUtf8(secret), encodeUtf8(`${header}.${toBase64Url(encodeUtf8(kubeconfig))}`)))
  if (signature !== `${header}..${mac}`) throw new KubeadmError('failed to verify JWS signature of received cluster info object, can\'t trust this API Server')
  return kubeconfig
}

async function kubeletStart(session: Session, { plan, discovered, config }: JoinContext): Promise<void> {
  const { files } = session.process
  const { join, controlPlane } = plan
  const client = session.clientOf(() => config)
  await refuseKnownNode(client, join.nodeRegistration.name)
  files.mkdirAll('/etc/kubernetes/pki', 0o755)
  // The kubelet of a control plane speaks with the API server beside it.
  const server = controlPlane ? `https://${controlPlane.advertiseAddress}:${controlPlane.bindPort}` : discovered.server
  const bootstrap = kubeconfigYaml({ clusterName: 'kubernetes', server, authority: discovered.authority, user: 'tls-bootstrap-token-user', credentials: { token: config.token ?? '' } })
  files.writeFile('/etc/kubernetes/bootstrap-kubelet.conf', bootstrap, 0o600)
  if (!files.exists(join.caCertPath)) files.writeFile(join.caCertPath, discovered.authority, 0o644)
  const map = await readMap(client, 'kubelet-config')
  await session.run('systemctl', 'stop', 'kubelet')
  await writeKubelet(session, plan, parseYaml(((map['data'] ?? {}) as Record<string, string>)['kubelet'] ?? '') as Record<string, unknown>)
  await startKubelet(session)
  const limit = join.timeouts['kubeletHealthCheck'] ?? '4m0s'
  await waitKubelet(session, limit, durationMs(limit) ?? 240_000)
  if (!controlPlane) await waitBootstrap(session, plan)
}

async function waitBootstrap(session: Session, { join }: JoinPlan): Promise<void> {
  const { files } = session.process
  await session.say('[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap')
  const limitMs = durationMs(join.timeouts['tlsBootstrap'] ?? '5m0s') ?? 300_000
  const bootstrapped = await session.waitFor(limitMs, 1000, () => Promise.resolve(files.exists('/etc/kubernetes/kubelet.conf') !== undefined))
  if (!bootstrapped) throw new KubeadmError('timed out waiting for the condition')
  files.removeAll('/etc/kubernetes/bootstrap-kubelet.conf')
}

async function writeKubelet(session: Session, { join, patches }: JoinPlan, configuration: Record<string, unknown>): Promise<void> {
  const { criSocket, kubeletExtraArgs = [], name } = join.nodeRegistration
  session.process.files.mkdirAll('/var/lib/kubelet', 0o755)
  await writeKubeletConfiguration(session.process, configuration, criSocket, session.say, patches)
  await session.say('[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"')
  const flags = kubeletExtraArgs.map((argument) => `--${argument.name}=${argument.value}`)
  if (name !== session.hostname()) flags.unshift(`--hostname-override=${name}`)
  session.process.files.writeFile('/var/lib/kubelet/kubeadm-flags.env', `KUBELET_KUBEADM_ARGS="${flags.join(' ')}"\n`, 0o644)
}

async function refuseKnownNode(client: Client, name: string): Promise<void> {
  try {
    const node = await client.of(nodes).get('', name)
    const ready = (node.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
    if (ready) throw new KubeadmError(`a Node with name "${name}" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node`)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function readMap(client: Client, name: string): Promise<KubeObject> {
  try {
    return await client.of(configMaps).get('kube-system', name)
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    throw new KubeadmError(`failed to get config map: ${error.message}`)
  }
}
