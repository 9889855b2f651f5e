/** The certificates of a control plane: what each is called, who signs it, what it is for, and how long it lasts. */
import type { ExtendedKeyUsage } from '#engine/base/pki/extensions'
import { certificatePem, parseCertificatePem, type Certificate } from '#engine/base/pki/certificate'
import { issueCertificate, randomSerial, selfSignedAuthority, type Authority } from '#engine/base/pki/issue'
import { generateRsa, parsePrivateKeyPem, privateKeyPem, publicKeyPem, publicOf, type PrivateKey } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import type { Process } from '#engine/linux/abi/process'
import { durationMs, type ClusterConfiguration } from './configuration'

export interface AuthoritySpec {
  readonly name: string
  /** Path below the certificates directory, without extension. */
  readonly base: string
  readonly commonName: string
  readonly description: string
}

export interface CertificateSpec {
  readonly name: string
  readonly base: string
  readonly authority: 'ca' | 'front-proxy-ca' | 'etcd-ca'
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly usages: readonly ExtendedKeyUsage[]
  readonly names?: 'apiserver' | 'etcd-server' | 'etcd-peer'
  readonly description: string
}

export const authorities: readonly AuthoritySpec[] = [
  { name: 'ca', base: 'ca', commonName: 'kubernetes', description: 'the self-signed Kubernetes CA to provision identities for other Kubernetes components' },
  { name: 'front-proxy-ca', base: 'front-proxy-ca', commonName: 'front-proxy-ca', description: 'the self-signed CA to provision identities for front proxy' },
  { name: 'etcd-ca', base: 'etcd/ca', commonName: 'etcd-ca', description: 'the self-signed CA to provision identities for etcd' },
]

export const leaves: readonly CertificateSpec[] = [
  { name: 'apiserver', base: 'apiserver', authority: 'ca', commonName: 'kube-apiserver', usages: ['serverAuth'], names: 'apiserver', description: 'certificate for serving the Kubernetes API' },
  { name: 'apiserver-kubelet-client', base: 'apiserver-kubelet-client', authority: 'ca', commonName: 'kube-apiserver-kubelet-client', organizations: ['kubeadm:cluster-admins'], usages: ['clientAuth'], description: 'certificate for the API server to connect to kubelet' },
  { name: 'front-proxy-client', base: 'front-proxy-client', authority: 'front-proxy-ca', commonName: 'front-proxy-client', usages: ['clientAuth'], description: 'certificate for the front proxy client' },
  { name: 'etcd-server', base: 'etcd/server', authority: 'etcd-ca', commonName: '', usages: ['serverAuth', 'clientAuth'], names: 'etcd-server', description: 'certificate for serving etcd' },
  { name: 'etcd-peer', base: 'etcd/peer', authority: 'etcd-ca', commonName: '', usages: ['serverAuth', 'clientAuth'], names: 'etcd-peer', description: 'certificate for etcd nodes to communicate with each other' },
  { name: 'etcd-healthcheck-client', base: 'etcd/healthcheck-client', authority: 'etcd-ca', commonName: 'kube-etcd-healthcheck-client', usages: ['clientAuth'], description: 'certificate for liveness probes to healthcheck etcd' },
  { name: 'apiserver-etcd-client', base: 'apiserver-etcd-client', authority: 'etcd-ca', commonName: 'kube-apiserver-etcd-client', usages: ['clientAuth'], description: 'certificate the apiserver uses to access etcd' },
]

export interface CertificateContext {
  readonly process: Process
  readonly cluster: ClusterConfiguration
  readonly nodeName: string
  readonly advertiseAddress: string
}

/** What a step says on standard output. */
export type Say = (line: string) => Promise<void>

export async function createAuthority(context: CertificateContext, spec: AuthoritySpec, say: Say): Promise<void> {
  const { files } = context.process
  const path = `${context.cluster.certificatesDir}/${spec.base}`
  if (files.exists(`${path}.crt`)) {
    const which = files.exists(`${path}.key`) ? 'certificate authority' : 'certificate authority without key'
    return say(`[certs] Using existing ${spec.base} ${which}`)
  }
  await say(`[certs] Generating "${spec.base}" certificate and key`)
  const key = newKey(context.process)
  const now = context.process.clock.now()
  const validity = durationMs(context.cluster.caCertificateValidityPeriod) ?? 0
  const certificate = selfSignedAuthority(spec.commonName, key, { notBefore: backdated(now), notAfter: now + validity, random: context.process.random })
  writePair(context.process, path, certificate, key)
}

export async function createLeaf(context: CertificateContext, spec: CertificateSpec, say: Say): Promise<void> {
  const { files } = context.process
  const path = `${context.cluster.certificatesDir}/${spec.base}`
  if (files.exists(`${path}.crt`) && files.exists(`${path}.key`)) return say(`[certs] Using existing ${spec.base} certificate and key on disk`)
  await say(`[certs] Generating "${spec.base}" certificate and key`)
  const { dns, ips } = alternativeNames(context, spec)
  if (spec.names) await say(`[certs] ${spec.base} serving cert is signed for DNS names [${dns.join(' ')}] and IPs [${ips.join(' ')}]`)
  const key = newKey(context.process)
  writePair(context.process, path, issueLeaf(context, spec, key), key)
}

export function issueLeaf(context: CertificateContext, spec: CertificateSpec, key: PrivateKey): Certificate {
  const authority = authorities.find((candidate) => candidate.name === spec.authority) as AuthoritySpec
  const issuer = readAuthority(context.process, `${context.cluster.certificatesDir}/${authority.base}`)
  const { dns, ips } = alternativeNames(context, spec)
  const commonName = spec.commonName === '' ? context.nodeName : spec.commonName
  return issueClient(context, issuer, key, { commonName, organizations: spec.organizations ?? [], usages: spec.usages, dns, ips })
}

export interface Identity {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly usages: readonly ExtendedKeyUsage[]
  readonly dns?: readonly string[]
  readonly ips?: readonly string[]
}

export function issueClient(context: CertificateContext, issuer: Authority, key: PrivateKey, identity: Identity): Certificate {
  const now = context.process.clock.now()
  const validity = durationMs(context.cluster.certificateValidityPeriod) ?? 0
  return issueCertificate(issuer, {
    subject: goName({ commonName: identity.commonName, organizations: identity.organizations }),
    publicKey: publicOf(key),
    usages: identity.usages,
    ...(identity.dns ? { dns: identity.dns } : {}),
    ...(identity.ips ? { ips: identity.ips } : {}),
    notBefore: issuer.certificate.notBefore,
    notAfter: Math.floor(now / 1000) * 1000 + validity,
    serial: randomSerial(context.process.random),
  })
}

/** The pair that the API server signs and checks service account tokens with: no certificate. */
export async function createServiceAccountKeys(context: CertificateContext, say: Say): Promise<void> {
  const { files } = context.process
  const path = `${context.cluster.certificatesDir}/sa`
  if (files.exists(`${path}.key`)) return say('[certs] Using the existing "sa" key')
  await say('[certs] Generating "sa" key and public key')
  const key = newKey(context.process)
  files.writeFile(`${path}.key`, privateKeyPem(key, 'traditional'), 0o600)
  files.writeFile(`${path}.pub`, publicKeyPem(key), 0o600)
}

export function readAuthority(process: Process, path: string): Authority {
  return { certificate: parseCertificatePem(process.files.readText(`${path}.crt`)), key: parsePrivateKeyPem(process.files.readText(`${path}.key`)) }
}

export function newKey(process: Process): PrivateKey {
  return generateRsa(2048, process.random, process.keys)
}

export function writePair(process: Process, path: string, certificate: Certificate, key: PrivateKey): void {
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o755)
  process.files.writeFile(`${path}.key`, privateKeyPem(key, 'traditional'), 0o600)
  process.files.writeFile(`${path}.crt`, certificatePem(certificate), 0o644)
}

function backdated(now: number): number {
  return Math.floor(now / 1000) * 1000 - 5 * 60_000
}

/** The names and addresses that a serving certificate is for. */
export function alternativeNames(context: CertificateContext, spec: CertificateSpec): { dns: string[]; ips: string[] } {
  const { cluster, nodeName, advertiseAddress } = context
  if (spec.names === undefined) return { dns: [], ips: [] }
  if (spec.names !== 'apiserver') {
    const extra = (spec.names === 'etcd-server' ? cluster.etcd.local?.serverCertSANs : cluster.etcd.local?.peerCertSANs) ?? []
    return split(['localhost', nodeName, ...extra], [advertiseAddress, '127.0.0.1', '::1'])
  }
  const { dnsDomain, serviceSubnet } = cluster.networking
  const endpoint = cluster.controlPlaneEndpoint?.replace(/:\d+$/, '')
  const names = [nodeName, 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${dnsDomain}`, ...(endpoint ? [endpoint] : []), ...(cluster.apiServer.certSANs ?? [])]
  return split(names, [firstAddress(serviceSubnet), advertiseAddress])
}

function split(names: readonly string[], addresses: readonly string[]): { dns: string[]; ips: string[] } {
  const isAddress = (text: string): boolean => /^[\d.]+$/.test(text) || text.includes(':')
  const unique = (list: readonly string[]): string[] => [...new Set(list)]
  return { dns: unique(names.filter((name) => !isAddress(name))).sort(), ips: unique([...addresses, ...names.filter(isAddress)]) }
}

/** The first usable address of a subnet: `10.96.0.1` of `10.96.0.0/12`. */
export function firstAddress(subnet: string, offset = 1): string {
  const parts = (subnet.split('/')[0] ?? '').split('.').map(Number)
  const value = parts.reduce((sum, part) => sum * 256 + part, 0) + offset
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
