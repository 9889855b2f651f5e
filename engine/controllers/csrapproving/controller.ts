/** certificatesigningrequest-approving-controller: approves the client certificates kubelets ask for, if they may have them. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { commonName, organizations } from '#engine/base/pki/name'
import { type CertificateRequest, parseRequestPem } from '#engine/base/pki/request'
import type { CertificateSigningRequest } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { certificateSigningRequests, subjectAccessReviews } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const clientKubelet = 'kubernetes.io/kube-apiserver-client-kubelet'

export const csrApprovingController: Controller = {
  name: 'certificatesigningrequest-approving-controller',
  aliases: ['csrapproving'],
  account: 'certificate-controller',
  start(context) {
    const informer = context.informers.of(certificateSigningRequests)
    const queue = startQueue(context, 'certificatesigningrequest-approving-controller', informersOf(informer), async (key) => {
      const request = informer.store.byKey(key)
      if (!request || request.status?.certificate || decided(request) || request.spec?.signerName !== clientKubelet) return
      const kind = kubeletClientKind(request)
      if (!kind) return
      const review = await context.client.of(subjectAccessReviews).create({
        metadata: {},
        spec: { user: request.spec.username, uid: request.spec.uid, groups: request.spec.groups, extra: request.spec.extra, resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource: kind.subresource, version: '*' } },
      })
      if ((review['status'] as { allowed?: boolean } | undefined)?.allowed !== true) throw new Error(`recognized csr ${JSON.stringify(key)} as [${kind.subresource}] but subject access review was not approved`)
      const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: kind.message, lastUpdateTime: apiTime(context.clock.now()), lastTransitionTime: apiTime(context.clock.now()) }
      await context.client.of(certificateSigningRequests).update({ ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } } as CertificateSigningRequest, { subresource: 'approval' })
    }, { workers: 5, quiet: (error) => (error as Error).message.startsWith('recognized csr') })
    informer.addHandlers({ added: (request) => queue.add(keyOf(request)), updated: (request) => queue.add(keyOf(request)) })
  },
}

function decided(request: CertificateSigningRequest): boolean {
  return (request.status?.conditions ?? []).some((condition) => condition.type === 'Approved' || condition.type === 'Denied')
}

/** Whether it is a node asking for itself, or somebody for a node. */
function kubeletClientKind(request: CertificateSigningRequest): { subresource: string; message: string } | undefined {
  let parsed
  try {
    parsed = parseRequestPem(decodeUtf8(fromBase64(request.spec?.request ?? '')))
  } catch {
    // Not a request at all: nobody's to approve.
    return undefined
  }
  const name = commonName(parsed.subject)
  if (!isNodeClient(parsed, name, request.spec?.usages ?? [])) return undefined
  return request.spec?.username === name
    ? { subresource: 'selfnodeclient', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }
    : { subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' }
}

function isNodeClient({ subject, names }: CertificateRequest, name: string, asked: readonly string[]): boolean {
  const groups = organizations(subject)
  if (groups.length !== 1 || groups[0] !== 'system:nodes' || !name.startsWith('system:node:')) return false
  if (names.dns.length + names.ips.length + names.emails.length + names.uris.length > 0) return false
  const usages = [...asked].sort().join(',')
  return usages === 'client auth,digital signature,key encipherment' || usages === 'client auth,digital signature'
}
