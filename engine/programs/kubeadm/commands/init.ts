/** `kubeadm init` and its phases: from flags and file to the plan. */
import { noArgs, type Command, type Invocation } from '#engine/programs/common/cobra/command'
import type { Flag } from '#engine/programs/common/cobra/flags'
import { ownAddress } from '../address'
import { offlineWarning, readGiven } from '../config'
import { defaultCluster, defaultInit, normalizeVersion, overlay, readConfiguration, type ClusterConfiguration, type InitConfiguration } from '../configuration'
import { init, initPhases } from '../init'
import type { InitPlan } from '../init-plan'
import { patchesOf } from '../patches'
import { KubeadmError, phase, Session } from '../session'
import { generateToken } from '../tokens'
import { initFlags, kubeconfigDirFlag, kubeconfigFlag, pick, printManifestFlag } from './flags.table'
import { Given } from './given'
import { group, phasePath } from './group'

const family: readonly Flag[] = [...initFlags, kubeconfigDirFlag, kubeconfigFlag, printManifestFlag]
const certificateNames = 'cert-dir config dry-run kubernetes-version'
const servingNames = `${certificateNames} apiserver-advertise-address apiserver-cert-extra-sans control-plane-endpoint service-cidr service-dns-domain`
const kubeconfigNames = `${certificateNames} apiserver-advertise-address apiserver-bind-port control-plane-endpoint kubeconfig-dir`
const componentNames = `${certificateNames} image-repository patches`
const addonNames = 'config dry-run image-repository kubeconfig kubernetes-version feature-gates'
const uploadNames = 'config cri-socket dry-run kubeconfig'

export const initCommand: Command = {
  use: 'init',
  short: 'Run this command in order to set up the Kubernetes control plane',
  flags: initFlags,
  args: noArgs,
  run: runInit,
  commands: [group({ use: 'phase', short: 'Use this command to invoke single phase of the "init" workflow', commands: phases() })],
}

function phases(): Command[] {
  const leaf = (name: string, short: string, names: string): Command => ({ use: name, short, flags: pick(family, names), args: noArgs, run: runPhase })
  const leaves = (names: string, words: string, make: (name: string) => string): Command[] => words.split(' ').map((name) => leaf(name, make(name), names))
  return [
    leaf('preflight', 'Run pre-flight checks', 'config cri-socket dry-run ignore-preflight-errors image-repository'),
    group({
      use: 'certs',
      short: 'Certificate generation',
      commands: [
        leaf('all', 'Generate all certificates', servingNames),
        leaf('apiserver', 'Generate the certificate for serving the Kubernetes API', servingNames),
        ...leaves(certificateNames, 'ca apiserver-kubelet-client front-proxy-ca front-proxy-client etcd-ca etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client sa', (name) => `Generate ${name}`),
      ],
    }),
    group({
      use: 'kubeconfig',
      short: 'Generate all kubeconfig files necessary to establish the control plane and the admin kubeconfig file',
      commands: [
        leaf('all', 'Generate all kubeconfig files', `${kubeconfigNames} node-name`),
        leaf('kubelet', 'Generate a kubeconfig file for the kubelet to use *only* for cluster bootstrapping purposes', `${kubeconfigNames} node-name`),
        ...leaves(kubeconfigNames, 'admin super-admin controller-manager scheduler', (name) => `Generate a kubeconfig file for ${name} to use`),
      ],
    }),
    group({ use: 'etcd', short: 'Generate static Pod manifest file for local etcd', commands: [leaf('local', 'Generate the static Pod manifest file for a local, single-node local etcd instance', 'cert-dir config dry-run image-repository patches')] }),
    group({
      use: 'control-plane',
      short: 'Generate all static Pod manifest files necessary to establish the control plane',
      commands: [
        leaf('all', 'Generate all static Pod manifest files', `${componentNames} apiserver-advertise-address apiserver-bind-port control-plane-endpoint feature-gates pod-network-cidr service-cidr`),
        leaf('apiserver', 'Generate the kube-apiserver static Pod manifest', `${componentNames} apiserver-advertise-address apiserver-bind-port control-plane-endpoint feature-gates service-cidr`),
        leaf('controller-manager', 'Generate the kube-controller-manager static Pod manifest', `${componentNames} pod-network-cidr`),
        leaf('scheduler', 'Generate the kube-scheduler static Pod manifest', componentNames),
      ],
    }),
    leaf('kubelet-start', 'Write kubelet settings and (re)start the kubelet', 'config cri-socket dry-run image-repository node-name patches'),
    leaf('wait-control-plane', 'Wait for the control plane to start', 'config dry-run'),
    group({ use: 'upload-config', short: 'Upload the kubeadm and kubelet configuration to a ConfigMap', commands: leaves(uploadNames, 'all kubeadm kubelet', (name) => `Upload the ${name} configuration to a ConfigMap`) }),
    leaf('upload-certs', 'Upload certificates to kubeadm-certs', 'certificate-key config dry-run kubeconfig skip-certificate-key-print upload-certs'),
    leaf('mark-control-plane', 'Mark a node as a control-plane', 'config dry-run node-name'),
    leaf('bootstrap-token', 'Generates bootstrap tokens used to join a node to a cluster', 'config dry-run kubeconfig skip-token-print'),
    group({ use: 'kubelet-finalize', short: 'Updates settings relevant to the kubelet after TLS bootstrap', commands: leaves('cert-dir config dry-run', 'all enable-client-cert-rotation', (name) => `Run ${name} kubelet-finalize phases`) }),
    group({
      use: 'addon',
      short: 'Install required addons for passing conformance tests',
      commands: [
        leaf('all', 'Install all the addons', `${addonNames} apiserver-advertise-address apiserver-bind-port control-plane-endpoint pod-network-cidr service-cidr service-dns-domain`),
        leaf('coredns', 'Install the CoreDNS addon to a Kubernetes cluster', `${addonNames} service-cidr service-dns-domain print-manifest`),
        leaf('kube-proxy', 'Install the kube-proxy addon to a Kubernetes cluster', `${addonNames} apiserver-advertise-address apiserver-bind-port control-plane-endpoint pod-network-cidr print-manifest`),
      ],
    }),
    leaf('show-join-command', 'Show the join command for control-plane and worker node', 'config'),
  ]
}

async function runInit(invocation: Invocation): Promise<number> {
  await init(new Session(invocation.process), await initPlan(invocation))
  return 0
}

async function runPhase(invocation: Invocation): Promise<number> {
  const path = phasePath(invocation.command)
  const [name = '', part] = path.split('/')
  const found = initPhases.find((candidate) => candidate.name === name)
  if (!found) throw new KubeadmError(`invalid phase name: ${path}`)
  const session = new Session(invocation.process)
  const plan = await initPlan(invocation)
  await phase(path.replace(/\/all$/, ''), () => found.run(session, plan, part === 'all' || part === 'local' || part === 'enable-client-cert-rotation' ? undefined : part))
  return 0
}

export async function initPlan(invocation: Invocation): Promise<InitPlan> {
  const { process } = invocation
  const flags = new Given(invocation, family)
  flags.refuse('dry-run', 'feature-gates')
  const session = new Session(process)
  const given = flags.string('config') === '' ? {} : readConfiguration(readGiven(invocation, flags.string('config')))
  const init = await initFromFlags(session, flags, given.init)
  const cluster = overlay(clusterFromFlags(flags), given.cluster)
  const label = cluster.kubernetesVersion
  if (/^(stable|latest)/.test(label)) await offlineWarning(session, label)
  cluster.kubernetesVersion = normalizeVersion(label, session.release)
  return {
    cluster,
    init,
    kubelet: given.kubelet,
    proxy: given.proxy,
    kubeconfig: flags.string('kubeconfig'),
    kubeconfigDir: flags.string('kubeconfig-dir'),
    ignore: [...flags.list('ignore-preflight-errors'), ...(init.nodeRegistration.ignorePreflightErrors ?? [])],
    skip: [...flags.list('skip-phases'), ...(init.skipPhases ?? [])],
    skipTokenPrint: flags.bool('skip-token-print'),
    uploadCerts: flags.bool('upload-certs'),
    certificateKey: flags.string('certificate-key'),
    showCertificateKey: !flags.bool('skip-certificate-key-print'),
    printManifest: flags.bool('print-manifest'),
    ...patchesOf(session, flags.string('patches') || (init.patches?.directory ?? '')),
  }
}

async function initFromFlags(session: Session, flags: Given, given: Partial<InitConfiguration> | undefined): Promise<InitConfiguration> {
  const or = (name: string, fallback: () => string): string => (flags.string(name) === '' ? fallback() : flags.string(name))
  const address = flags.string('apiserver-advertise-address') || given?.localAPIEndpoint?.advertiseAddress || (await ownAddress(session))
  const name = or('node-name', () => session.hostname())
  const init: InitConfiguration = overlay(defaultInit(name, address, or('token', () => generateToken(session.process.random))), given)
  if (flags.changed('apiserver-bind-port')) init.localAPIEndpoint.bindPort = flags.number('apiserver-bind-port')
  if (flags.string('cri-socket') !== '') init.nodeRegistration.criSocket = flags.string('cri-socket')
  const [token] = init.bootstrapTokens
  if (flags.changed('token-ttl') && token) token.ttl = `${flags.number('token-ttl') / 1000}s`
  return init
}

function clusterFromFlags(flags: Given): ClusterConfiguration {
  const cluster = defaultCluster()
  cluster.kubernetesVersion = flags.string('kubernetes-version')
  cluster.imageRepository = flags.string('image-repository')
  cluster.certificatesDir = flags.string('cert-dir')
  cluster.networking = {
    dnsDomain: flags.string('service-dns-domain'),
    ...(flags.string('pod-network-cidr') === '' ? {} : { podSubnet: flags.string('pod-network-cidr') }),
    serviceSubnet: flags.string('service-cidr'),
  }
  const sans = flags.list('apiserver-cert-extra-sans')
  if (sans.length > 0) cluster.apiServer = { certSANs: sans }
  if (flags.string('control-plane-endpoint') !== '') cluster.controlPlaneEndpoint = flags.string('control-plane-endpoint')
  return cluster
}
