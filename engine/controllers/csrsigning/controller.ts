/** certificatesigningrequest-signing-controller: signs approved requests of the four signers of Kubernetes. */
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { certificatePem, parseCertificatePem } from '#engine/base/pki/certificate'
import type { ExtendedKeyUsage, KeyUsage } from '#engine/base/pki/extensions'
import { issueCertificate, randomSerial } from '#engine/base/pki/issue'
import { parsePrivateKeyPem } from '#engine/base/pki/keys'
import { commonName, organizations } from '#engine/base/pki/name'
import { type CertificateRequest, parseRequestPem, requestSignatureValid } from '#engine/base/pki/request'
import type { CertificateSigningRequest } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { certificateSigningRequests } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import { goSubject } from './subject'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'

const signers = ['kubernetes.io/kube-apiserver-client', 'kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving', 'kubernetes.io/legacy-unknown']
/** Certificates are valid from a little before now, for clocks that are behind. */
const backdateMs = 5 * 60_000
const minDurationMs = 600_000

export const csrSigningController: Controller = {
  name: 'certificatesigningrequest-signing-controller',
  aliases: ['csrsigning'],
  account: 'certificate-controller',
  start(context) {
    const informer = context.informers.of(certificateSigningRequests)
    const queue = startQueue(context, 'certificatesigningrequest-signing-controller', informersOf(informer), async (key) => {
      const request = informer.store.byKey(key)
      if (!request || request.status?.certificate || !signers.includes(request.spec?.signerName ?? '')) return
      const conditions = request.status?.conditions ?? []
      if (!conditions.some((condition) => condition.type === 'Approved') || conditions.some((condition) => condition.type === 'Denied' || condition.type === 'Failed')) return
      await sign(context, request)
    }, { workers: 5 })
    informer.addHandlers({ added: (request) => queue.add(keyOf(request)), updated: (request) => queue.add(keyOf(request)) })
  },
}

async function sign(context: ControllerContext, request: CertificateSigningRequest): Promise<void> {
  const signerName = request.spec?.signerName ?? ''
  const parsed = parseRequestPem(decodeUtf8(fromBase64(request.spec?.request ?? '')))
  const refusal = requestSignatureValid(parsed) ? refusalOf(signerName, parsed, request) : 'x509: invalid signature'
  const { client, clock } = context
  if (refusal !== undefined) {
    // A legacy request that does not fit is left as it is: another signer may take it.
    if (signerName === 'kubernetes.io/legacy-unknown') return
    const now = apiTime(clock.now())
    const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: refusal, lastUpdateTime: now, lastTransitionTime: now }
    await client.of(certificateSigningRequests).updateStatus({ ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), failed] } } as CertificateSigningRequest)
    return
  }
  const pair = context.options.signer?.(signerName)
  if (!pair) return
  const certificate = issue(context, request, parsed, pair)
  await client.of(certificateSigningRequests).updateStatus({ ...request, status: { ...request.status, certificate: toBase64(encodeUtf8(certificate)) } } as CertificateSigningRequest)
}

function issue(context: ControllerContext, request: CertificateSigningRequest, parsed: CertificateRequest, pair: { certificate: string; key: string }): string {
  const authority = { certificate: parseCertificatePem(pair.certificate), key: parsePrivateKeyPem(pair.key) }
  const now = context.clock.now()
  const asked = request.spec?.expirationSeconds
  const duration = asked ? Math.max(minDurationMs, Math.min(context.options.clusterSigningDurationMs, asked * 1000)) : context.options.clusterSigningDurationMs
  const notBefore = now - backdateMs
  const usages = (request.spec?.usages ?? []) as readonly string[]
  return certificatePem(
    issueCertificate(authority, {
      subject: goSubject(parsed.subject),
      publicKey: parsed.publicKey,
      usages: usages.map((usage) => extended[usage]).filter((usage) => usage !== undefined),
      keyUsages: usages.map((usage) => plain[usage]).filter((usage) => usage !== undefined),
      dns: parsed.names.dns,
      ips: parsed.names.ips,
      notBefore,
      notAfter: Math.min(notBefore + duration + backdateMs, authority.certificate.notAfter),
      serial: randomSerial(context.random),
    }),
  )
}

const extended: Readonly<Record<string, ExtendedKeyUsage | undefined>> = { 'client auth': 'clientAuth', 'server auth': 'serverAuth', 'code signing': 'codeSigning', 'email protection': 'emailProtection', timestamping: 'timeStamping', 'ocsp signing': 'OCSPSigning' } as Record<string, ExtendedKeyUsage>
const plain: Readonly<Record<string, KeyUsage | undefined>> = { 'digital signature': 'digitalSignature', signing: 'digitalSignature', 'content commitment': 'nonRepudiation', 'key encipherment': 'keyEncipherment', 'data encipherment': 'dataEncipherment', 'key agreement': 'keyAgreement', 'cert sign': 'keyCertSign', 'crl sign': 'cRLSign', 'encipher only': 'encipherOnly', 'decipher only': 'decipherOnly' }

const allowedUsages: Readonly<Record<string, { readonly required: string; readonly allowed: readonly string[] }>> = {
  'kubernetes.io/kube-apiserver-client': { required: 'client auth', allowed: ['digital signature', 'key encipherment', 'client auth'] },
  'kubernetes.io/kube-apiserver-client-kubelet': { required: 'client auth', allowed: ['digital signature', 'key encipherment', 'client auth'] },
  'kubernetes.io/kubelet-serving': { required: 'server auth', allowed: ['digital signature', 'key encipherment', 'server auth'] },
}

function refusalOf(signerName: string, parsed: CertificateRequest, request: CertificateSigningRequest): string | undefined {
  const rule = allowedUsages[signerName]
  if (!rule) return undefined
  const usages = (request.spec?.usages ?? []) as readonly string[]
  const wrong = usages.find((usage) => !rule.allowed.includes(usage))
  if (signerName === 'kubernetes.io/kube-apiserver-client') {
    if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
    return usages.includes(rule.required) ? undefined : `missing required usage for client certificate: ${rule.required}`
  }
  if (wrong !== undefined || !usages.includes(rule.required) || !usages.includes('digital signature')) return `usages did not match [${[...rule.allowed].sort().join(' ')}]`
  return nodeRefusal(signerName, parsed)
}

function nodeRefusal(signerName: string, parsed: CertificateRequest): string | undefined {
  const groups = organizations(parsed.subject)
  if (groups.length !== 1 || groups[0] !== 'system:nodes') return 'subject organization is not system:nodes'
  if (!commonName(parsed.subject).startsWith('system:node:')) return "subject common name does not begin with system:node:"
  const { names } = parsed
  if (signerName.endsWith('kubelet-serving')) {
    if (names.dns.length + names.ips.length === 0) return 'DNS or IP subjectAltName is required'
    return names.emails.length > 0 ? 'email subjectAltNames are not allowed' : names.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
  }
  if (names.dns.length > 0) return 'DNS subjectAltNames are not allowed'
  if (names.emails.length > 0) return 'email subjectAltNames are not allowed'
  if (names.ips.length > 0) return 'IP subjectAltNames are not allowed'
  return names.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
}
