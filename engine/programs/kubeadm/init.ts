/** `kubeadm init`: the phases in their order, and each of them alone. */
import type { KubeObject } from '#engine/api/object'
import { emitYaml } from '#engine/base/yaml/emit'
import { generateToken, tokenSecret } from './tokens'
import { corednsObjects, kubeProxyObjects } from './addons'
import { durationMs } from './configuration'
import type { InitPlan } from './init-plan'
import { certificatesPhase, etcdPhase, kubeconfigsPhase, manifestsPhase, server, type ControlPlane } from './control-plane'
import { joinCommand } from './join-command'
import { kubeletConfiguration, writeKubeletFiles } from './kubelet'
import { startKubelet, waitControlPlane, waitKubelet } from './kubelet-start'
import { bootstrapRights, clusterAdminBinding, clusterInfoObjects, kubeadmConfigObjects, kubeletConfigObjects } from './objects'
import { markControlPlane } from './mark'
import { preflight } from './preflight'
import { pullImages } from './pull-images'
import { uploadCertificates } from './upload-certs'
import { KubeadmError, phase, type Session } from './session'

const superAdminKubeconfig = '/etc/kubernetes/super-admin.conf'

export function planeOf(plan: InitPlan): ControlPlane {
  const { advertiseAddress, bindPort } = plan.init.localAPIEndpoint
  return { cluster: plan.cluster, nodeName: plan.init.nodeRegistration.name, advertiseAddress, bindPort, ...(plan.patches ? { patches: plan.patches } : {}) }
}

/** The phases by name, in order. A dotted name below is a part that can run alone: `certs apiserver`. */
export const initPhases: readonly { readonly name: string; readonly run: (session: Session, plan: InitPlan, part?: string) => Promise<void> }[] = [
  { name: 'preflight', run: preflightPhase },
  { name: 'certs', run: (session, plan, part) => certificatesPhase(session, planeOf(plan), part) },
  { name: 'kubeconfig', run: (session, plan, part) => kubeconfigsPhase(session, planeOf(plan), plan.kubeconfigDir, part) },
  { name: 'etcd', run: (session, plan) => etcdPhase(session, planeOf(plan)) },
  { name: 'control-plane', run: (session, plan, part) => manifestsPhase(session, planeOf(plan), part) },
  { name: 'kubelet-start', run: kubeletPhase },
  { name: 'wait-control-plane', run: waitPhase },
  { name: 'upload-config', run: uploadConfigPhase },
  { name: 'upload-certs', run: (session, plan) => uploadCertificates(session, plan) },
  { name: 'mark-control-plane', run: (session, plan) => markControlPlane(session, plan.init.nodeRegistration.name, plan.init.nodeRegistration.taints, plan.kubeconfig) },
  { name: 'bootstrap-token', run: bootstrapTokenPhase },
  { name: 'kubelet-finalize', run: kubeletFinalize },
  { name: 'addon', run: addonPhase },
  { name: 'show-join-command', run: showJoinCommand },
]

/** The parts of phases that `--skip-phases` may name one by one. */
const phaseParts: Readonly<Record<string, readonly string[]>> = {
  'control-plane': ['apiserver', 'controller-manager', 'scheduler'],
  'upload-config': ['kubeadm', 'kubelet'],
  addon: ['coredns', 'kube-proxy'],
  etcd: ['local'],
  'kubelet-finalize': ['enable-client-cert-rotation'],
  kubeconfig: ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler'],
}

export async function init(session: Session, plan: InitPlan): Promise<void> {
  await session.say(`[init] Using Kubernetes version: ${plan.cluster.kubernetesVersion}`)
  const known = (name: string): boolean => initPhases.some((candidate) => name === candidate.name || name.startsWith(`${candidate.name}/`))
  const unknown = plan.skip.find((name) => !known(name))
  if (unknown !== undefined) throw new KubeadmError(`invalid phase name: ${unknown}`)
  for (const { name, run } of initPhases) {
    const skipped = new Set(plan.skip.filter((each) => each.startsWith(`${name}/`)).map((each) => each.slice(name.length + 1)))
    if (plan.skip.includes(name)) continue
    if (skipped.size === 0) await phase(name, () => run(session, plan))
    else for (const part of (phaseParts[name] ?? []).filter((each) => !skipped.has(each))) await phase(`${name}/${part}`, () => run(session, plan, part))
  }
}

async function preflightPhase(session: Session, plan: InitPlan): Promise<void> {
  const { bindPort } = plan.init.localAPIEndpoint
  const directory = '/etc/kubernetes/manifests'
  await session.say('[preflight] Running pre-flight checks')
  await preflight(session, {
    ports: [bindPort, 10259, 10257, 10250, 2379, 2380],
    absentFiles: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'].map((name) => `${directory}/${name}.yaml`),
    emptyDirectories: [plan.cluster.etcd.local?.dataDir ?? '/var/lib/etcd'],
    criSocket: plan.init.nodeRegistration.criSocket,
    controlPlane: true,
    ignore: plan.ignore,
  })
  await session.say('[preflight] Pulling images required for setting up a Kubernetes cluster')
  await session.say('[preflight] This might take a minute or two, depending on the speed of your internet connection')
  await session.say("[preflight] You can also perform this action beforehand using 'kubeadm config images pull'")
  await pullImages(session, plan.cluster, plan.init.nodeRegistration.criSocket, plan.ignore)
}

async function kubeletPhase(session: Session, plan: InitPlan): Promise<void> {
  const registration = plan.init.nodeRegistration
  const nodeName: { name: string; value: string }[] = registration.name === session.hostname() ? [] : [{ name: 'hostname-override', value: registration.name }]
  await writeKubeletFiles(session.process, {
    configuration: kubeletConfiguration(plan.cluster, plan.kubelet),
    criSocket: registration.criSocket,
    extraArgs: [...nodeName, ...(registration.kubeletExtraArgs ?? [])],
    ...(plan.patches ? { patches: plan.patches } : {}),
  }, session.say)
  await startKubelet(session)
}

async function waitPhase(session: Session, plan: InitPlan): Promise<void> {
  await session.say('[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory "/etc/kubernetes/manifests"')
  const limit = (name: string): [string, number] => [plan.init.timeouts[name] ?? '4m0s', durationMs(plan.init.timeouts[name] ?? '4m0s') ?? 240_000]
  await waitKubelet(session, ...limit('kubeletHealthCheck'))
  await waitControlPlane(session, planeOf(plan), ...limit('controlPlaneComponentHealthCheck'))
  // Only the super-admin can give the admin's group its rights on a fresh cluster.
  const client = session.client(session.process.files.exists(superAdminKubeconfig) ? superAdminKubeconfig : plan.kubeconfig)
  await session.waitFor(60_000, 500, async () => {
    try {
      await session.apply(client, clusterAdminBinding())
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'ProcessKilled') throw error
      return false
    }
  })
}

async function uploadConfigPhase(session: Session, plan: InitPlan, part?: string): Promise<void> {
  const client = session.client(plan.kubeconfig)
  if (part === undefined || part === 'kubeadm') {
    await session.say('[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace')
    for (const object of kubeadmConfigObjects(plan.cluster)) await session.apply(client, object)
  }
  if (part === undefined || part === 'kubelet') {
    await session.say('[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster')
    for (const object of kubeletConfigObjects(kubeletConfiguration(plan.cluster, plan.kubelet))) await session.apply(client, object)
  }
}

async function bootstrapTokenPhase(session: Session, plan: InitPlan): Promise<void> {
  const client = session.client(plan.kubeconfig)
  if (!plan.skipTokenPrint) await session.say(`[bootstrap-token] Using token: ${plan.init.bootstrapTokens[0]?.token ?? ''}`)
  await session.say('[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles')
  for (const token of plan.init.bootstrapTokens) await session.apply(client, tokenSecret(token, session.process.clock.now()))
  for (const { say, objects } of bootstrapRights()) {
    await session.say(say)
    for (const object of objects) await session.apply(client, object)
  }
  await session.say('[bootstrap-token] Creating the "cluster-info" ConfigMap in the "kube-public" namespace')
  const authority = session.process.files.readText(`${plan.cluster.certificatesDir}/ca.crt`)
  for (const object of clusterInfoObjects(server(planeOf(plan)), authority)) await session.apply(client, object)
}

/** The kubelet was started with an embedded client certificate: from now on it uses the one that it rotates. */
async function kubeletFinalize(session: Session): Promise<void> {
  const { files } = session.process
  const path = '/etc/kubernetes/kubelet.conf'
  const rotated = '/var/lib/kubelet/pki/kubelet-client-current.pem'
  await session.say(`[kubelet-finalize] Updating "${path}" to point to a rotatable kubelet client certificate and key`)
  await session.waitFor(10_000, 500, () => Promise.resolve(files.exists(rotated) !== undefined))
  if (!files.exists(rotated)) return
  const text = files.readText(path).replace(/client-certificate-data: .*/, `client-certificate: ${rotated}`).replace(/client-key-data: .*/, `client-key: ${rotated}`)
  files.writeFile(path, text, 0o600)
  await session.run('systemctl', 'restart', 'kubelet')
}

async function addonPhase(session: Session, plan: InitPlan, part?: string): Promise<void> {
  const install = async (objects: readonly KubeObject[], name: string): Promise<void> => {
    if (plan.printManifest) return session.process.stdout.write(objects.map((object) => `---\n${emitYaml(object)}`).join(''))
    const client = session.client(plan.kubeconfig)
    for (const object of objects) await session.apply(client, object)
    await session.say(`[addons] Applied essential addon: ${name}`)
  }
  if (part === undefined || part === 'coredns') await install(corednsObjects(plan.cluster), 'CoreDNS')
  if ((part === undefined || part === 'kube-proxy') && !plan.cluster.proxy.disabled) await install(kubeProxyObjects(plan.cluster, server(planeOf(plan)), plan.proxy), 'kube-proxy')
}

async function showJoinCommand(session: Session, plan: InitPlan): Promise<void> {
  const command = joinCommand(session, planeOf(plan), plan.init.bootstrapTokens[0]?.token ?? generateToken(session.process.random), ' \\\n\t')
  await session.say(`
Your Kubernetes control-plane has initialized successfully!

To start using your cluster, you need to run the following as a regular user:

  mkdir -p $HOME/.kube
  sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config
  sudo chown $(id -u):$(id -g) $HOME/.kube/config

Alternatively, if you are the root user, you can run:

  export KUBECONFIG=/etc/kubernetes/admin.conf

You should now deploy a pod network to the cluster.
Run "kubectl apply -f [podnetwork].yaml" with one of the options listed at:
  https://kubernetes.io/docs/concepts/cluster-administration/addons/

Then you can join any number of worker nodes by running the following on each as root:

${command}`)
}
