/** The static pods of a control plane, each brought to its new manifest and waited for. */
import { pods } from '#engine/client/resources'
import { renewables, renewOne } from './certs'
import { certificateContext, components, manifestDirectory, manifestOf, patchedManifest, type ControlPlane } from './control-plane'
import { KubeadmError, type Session } from './session'

/** Certificates that are renewed together with a component. */
const renewedWith: Readonly<Record<string, readonly string[]>> = {
  etcd: ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'],
  'kube-apiserver': ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'apiserver-etcd-client'],
  'kube-controller-manager': ['controller-manager.conf'],
  'kube-scheduler': ['scheduler.conf'],
}

export async function upgradeManifests(session: Session, plane: ControlPlane, kubeconfigPath: string, renew: boolean): Promise<void> {
  const { files } = session.process
  await session.say(`[upgrade/staticpods] Writing new Static Pod manifests to "/etc/kubernetes/tmp/kubeadm-upgraded-manifests${session.process.random.integer(4_000_000_000)}"`)
  for (const component of ['etcd', ...components]) {
    await session.say(`[upgrade/staticpods] Preparing for "${component}" upgrade`)
    const wanted = await patchedManifest(plane, component, manifestOf(session, plane, component))
    const path = `${manifestDirectory}/${component}.yaml`
    if (files.readText(path) === wanted) {
      await session.say(`[upgrade/staticpods] Current and new manifests of ${component} are equal, skipping upgrade`)
      if (component === 'etcd') await session.say('[upgrade/etcd] Waiting for etcd to become available')
      continue
    }
    if (renew) for (const name of renewedWith[component] ?? []) await renewFor(session, plane, name)
    await session.say(`[upgrade/staticpods] Moving new manifest to "${path}" and backing up old manifest to "/etc/kubernetes/tmp/kubeadm-backup-manifests/${component}.yaml"`)
    files.mkdirAll('/etc/kubernetes/tmp/kubeadm-backup-manifests', 0o700)
    files.rename(path, `/etc/kubernetes/tmp/kubeadm-backup-manifests/${component}.yaml`)
    files.writeFile(path, wanted, 0o600)
    await session.say('[upgrade/staticpods] Waiting for the kubelet to restart the component')
    await session.say('[upgrade/staticpods] This can take up to 5m0s')
    const image = /image: (\S+)/.exec(wanted)?.[1]
    const replaced = await session.waitFor(300_000, 1000, () => runs(session, kubeconfigPath, `${component}-${plane.nodeName}`, image))
    if (!replaced) files.rename(`/etc/kubernetes/tmp/kubeadm-backup-manifests/${component}.yaml`, path)
    if (!replaced) throw new KubeadmError(`couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state. Errors faced: timed out waiting for the condition`)
    await session.say(`[apiclient] Found 1 Pods for label selector component=${component}`)
    await session.say(`[upgrade/staticpods] Component "${component}" upgraded successfully!`)
  }
}

async function runs(session: Session, kubeconfigPath: string, pod: string, image: string | undefined): Promise<boolean> {
  try {
    const found = await session.client(kubeconfigPath).of(pods).get('kube-system', pod)
    return found.spec?.containers[0]?.image === image && found.status?.phase === 'Running'
  } catch (error) {
    if (error instanceof Error && error.name === 'ProcessKilled') throw error
    return false
  }
}

async function renewFor(session: Session, plane: ControlPlane, name: string): Promise<void> {
  const found = renewables.find((one) => one.name === name)
  if (!found) return
  await session.say(`[upgrade/staticpods] Renewing ${name} certificate`)
  renewOne(certificateContext(session, plane), found)
}
