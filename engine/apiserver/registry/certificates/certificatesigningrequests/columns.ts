import { humanDuration } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

const spec = 'io.k8s.api.certificates.v1.CertificateSigningRequestSpec'

export const certificateSigningRequestColumns: readonly Column[] = [
  nameColumn,
  ageColumn,
  column('SignerName', (object) => (object.spec?.signerName || '<none>') as string, { docOf: `${spec}#signerName` }),
  column('Requestor', (object) => (object.spec?.username ?? '') as string, { docOf: `${spec}#request` }),
  column('RequestedDuration', (object) => (object.spec?.expirationSeconds === undefined ? '<none>' : humanDuration((object.spec.expirationSeconds as number) * 1000)), { docOf: `${spec}#expirationSeconds` }),
  column('Condition', conditionCell, { docOf: 'io.k8s.api.certificates.v1.CertificateSigningRequestStatus#conditions' }),
]

function conditionCell(object: KubeObject): string {
  const types = new Set(((object.status?.conditions ?? []) as { type: string }[]).map((item) => item.type))
  let text = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'
  if (types.has('Failed')) text += ',Failed'
  if (object.status?.certificate) text += ',Issued'
  return text
}
