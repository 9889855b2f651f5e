/** Who may approve and sign certificate requests, and for whom none are made. */
import { parseCertificateRequest } from '#engine/apiserver/registry/certificates/request'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

const group = 'certificates.k8s.io'

const concerns = (attributes: AdmissionAttributes, subresource: string): boolean => attributes.resource === 'certificatesigningrequests' && attributes.group === group && attributes.subresource === subresource

/** The right is one on the signer: `approve signers example.com/mine`, or `example.com/*`. */
async function mayUseSigner(attributes: AdmissionAttributes, services: ServerServices, verb: string, signer: string): Promise<boolean> {
  const domain = signer.slice(0, signer.indexOf('/'))
  for (const name of [signer, `${domain}/*`]) {
    const { decision } = await services.authorizer.authorize({ user: attributes.user, verb, isResource: true, group, version: '*', resource: 'signers', subresource: '', namespace: '', name, path: '' })
    if (decision === 'allow') return true
  }
  return false
}

export const certificateApproval: AdmissionRegistration = {
  name: 'CertificateApproval',
  enabledByDefault: true,
  create: (services) => ({
    name: 'CertificateApproval',
    handles: (operation) => operation === 'UPDATE',
    validate: (attributes) => (concerns(attributes, 'approval') ? checkApproval(attributes, services) : undefined),
  }),
}

async function checkApproval(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const signer = (attributes.oldObject?.spec?.signerName ?? '') as string
  if (!(await mayUseSigner(attributes, services, 'approve', signer))) throw admissionForbidden(attributes, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`)
}

export const certificateSigning: AdmissionRegistration = {
  name: 'CertificateSigning',
  enabledByDefault: true,
  create: (services) => ({
    name: 'CertificateSigning',
    handles: (operation) => operation === 'UPDATE',
    validate: (attributes) => (concerns(attributes, 'status') ? checkSigning(attributes, services) : undefined),
  }),
}

async function checkSigning(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { object, oldObject } = attributes
  const failed = (item: typeof object): string => JSON.stringify(((item?.status?.conditions ?? []) as { type: string }[]).filter((condition) => condition.type === 'Failed'))
  if (object?.status?.certificate === oldObject?.status?.certificate && failed(object) === failed(oldObject)) return
  const signer = (oldObject?.spec?.signerName ?? '') as string
  if (!(await mayUseSigner(attributes, services, 'sign', signer))) throw admissionForbidden(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`)
}

export const certificateSubjectRestriction: AdmissionRegistration = {
  name: 'CertificateSubjectRestriction',
  enabledByDefault: true,
  create: () => ({
    name: 'CertificateSubjectRestriction',
    handles: (operation) => operation === 'CREATE',
    validate(attributes) {
      const spec = attributes.object?.spec as { signerName?: string; request?: string } | undefined
      if (!concerns(attributes, '') || spec?.signerName !== 'kubernetes.io/kube-apiserver-client') return
      const request = parseCertificateRequest(spec.request ?? '')
      if ('error' in request) throw admissionForbidden(attributes, `failed to parse CSR: ${request.error}`)
      if (request.organizations.includes('system:masters')) throw admissionForbidden(attributes, 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed')
    },
  }),
}
