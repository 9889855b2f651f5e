/** The phases of `kubeadm init` that lay a control plane onto the machine's disk. */
import { componentManifest, type ManifestContext } from './manifests'
import { authorities, createAuthority, createLeaf, createServiceAccountKeys, leaves, type CertificateContext } from './certificates'
import { issueKubeconfig, kubeconfigSpecs } from './kubeconfigs'
import type { ClusterConfiguration } from './configuration'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { Patches } from './patches'
import { KubeadmError, type Session } from './session'

export interface ControlPlane {
  readonly cluster: ClusterConfiguration
  readonly nodeName: string
  readonly advertiseAddress: string
  readonly bindPort: number
  /** The members of the etcd that this control plane's own joins. */
  readonly joiningEtcd?: string
  readonly patches?: Patches
}

export const manifestDirectory = '/etc/kubernetes/manifests'
export const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const

export function server(plane: ControlPlane): string {
  const endpoint = plane.cluster.controlPlaneEndpoint
  if (!endpoint) return `https://${plane.advertiseAddress}:${plane.bindPort}`
  return `https://${endpoint}${/:\d+$/.test(endpoint) ? '' : `:${plane.bindPort}`}`
}

export function certificateContext(session: Session, plane: ControlPlane): CertificateContext {
  return { process: session.process, cluster: plane.cluster, nodeName: plane.nodeName, advertiseAddress: plane.advertiseAddress }
}

/** All certificates, or those of the given names. */
export async function certificatesPhase(session: Session, plane: ControlPlane, only?: string): Promise<void> {
  const context = certificateContext(session, plane)
  const wanted = (name: string): boolean => only === undefined || only === name
  if (only === undefined) await session.say(`[certs] Using certificateDir folder "${plane.cluster.certificatesDir}"`)
  for (const authority of authorities) {
    if (wanted(authority.name)) await createAuthority(context, authority, session.say)
    for (const leaf of leaves) if (leaf.authority === authority.name && wanted(leaf.name)) await createLeaf(context, leaf, session.say)
  }
  if (wanted('sa')) await createServiceAccountKeys(context, session.say)
}

export async function kubeconfigsPhase(session: Session, plane: ControlPlane, directory: string, only?: string): Promise<void> {
  const { files } = session.process
  if (only === undefined) await session.say(`[kubeconfig] Using kubeconfig folder "${directory}"`)
  for (const spec of kubeconfigSpecs(plane.nodeName)) {
    if (only !== undefined && only !== spec.name) continue
    const path = `${directory}/${spec.file}`
    // Controller manager and scheduler talk to the API server beside them, never to a balanced endpoint.
    const local = spec.name === 'controller-manager' || spec.name === 'scheduler' ? `https://${plane.advertiseAddress}:${plane.bindPort}` : server(plane)
    if (files.exists(path)) {
      checkKubeconfig(session, plane, path, local)
      await session.say(`[kubeconfig] Using existing kubeconfig file: "${path}"`)
      continue
    }
    await session.say(`[kubeconfig] Writing "${spec.file}" kubeconfig file`)
    files.mkdirAll(directory, 0o700)
    files.writeFile(path, issueKubeconfig(certificateContext(session, plane), local, spec.user, spec.organizations), 0o600)
  }
}

/** A file that is there must trust this cluster's authority; another server's address is only a warning. */
function checkKubeconfig(session: Session, plane: ControlPlane, path: string, wanted: string): void {
  const { files } = session.process
  const text = files.readText(path)
  const authority = /certificate-authority-data: (\S+)/.exec(text)?.[1]
  if (authority === undefined || decodeUtf8(fromBase64(authority)).trim() !== files.readText(`${plane.cluster.certificatesDir}/ca.crt`).trim()) throw new KubeadmError(`a kubeconfig file "${path}" exists already but has got the wrong CA cert`)
  const found = /server: (\S+)/.exec(text)?.[1] ?? ''
  if (found !== wanted) void session.warn('kubeconfig.go:260', `a kubeconfig file "${path}" exists already but has an unexpected API Server URL: expected: ${wanted}, got: ${found}`)
}

export async function etcdPhase(session: Session, plane: ControlPlane): Promise<void> {
  await session.say(`[etcd] Creating static Pod manifest for local etcd in "${manifestDirectory}"`)
  session.process.files.mkdirAll(plane.cluster.etcd.local?.dataDir ?? '/var/lib/etcd', 0o700)
  await writeManifest(session, plane, 'etcd')
}

export async function manifestsPhase(session: Session, plane: ControlPlane, only?: string): Promise<void> {
  if (only === undefined) await session.say(`[control-plane] Using manifest folder "${manifestDirectory}"`)
  for (const component of components) {
    if (only !== undefined && component !== only && component !== `kube-${only}`) continue
    await session.say(`[control-plane] Creating static Pod manifest for "${component}"`)
    await writeManifest(session, plane, component)
  }
}

export function manifestOf(session: Session, plane: ControlPlane, component: string): string {
  return componentManifest(component, manifestContext(session, plane))
}

export async function writeManifest(session: Session, plane: ControlPlane, component: string): Promise<void> {
  const { files } = session.process
  const manifest = manifestOf(session, plane, component)
  const text = await patchedManifest(plane, component, manifest)
  files.mkdirAll(manifestDirectory, 0o700)
  files.writeFile(`${manifestDirectory}/${component}.yaml`, text, 0o600)
}

/** With what `--patches` gives for it. */
export async function patchedManifest({ patches }: ControlPlane, component: string, manifest: string): Promise<string> {
  try {
    return patches ? await patches.apply(component, manifest) : manifest
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error
    throw new KubeadmError(`failed to patch static Pod manifest file for ${JSON.stringify(component)}: ${error.message}`)
  }
}

function manifestContext(session: Session, plane: ControlPlane): ManifestContext {
  const candidates = ['/etc/pki/ca-trust', '/etc/pki/tls/certs', '/etc/ca-certificates', '/usr/local/share/ca-certificates', '/usr/share/ca-certificates']
  return { ...plane, certificateDirectories: candidates.filter((path) => session.process.files.exists(path)) }
}
