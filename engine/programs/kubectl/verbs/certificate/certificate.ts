import { bool } from '#engine/programs/common/cobra/flags'
import { copyObject, type KubeObject } from '#engine/api/object'
import { filenameFlags, printFlags } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'
import { resultPrinter } from '../write'

type Decision = 'Approved' | 'Denied'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string
}

const flags = [...printFlags, ...filenameFlags('identifying the resource to update'), bool('force', 'Update the CSR even if it is already approved.')]

const approve = verb({
  use: 'approve (-f FILENAME | NAME)',
  short: 'Approve a certificate signing request',
  long: 'Approve a certificate signing request.\n\n kubectl certificate approve allows a cluster admin to approve a certificate signing request (CSR). This action tells a certificate signing controller to issue a certificate to the requester with the attributes requested in the CSR.\n\n SECURITY NOTICE: Depending on the requested attributes, the issued certificate can potentially grant a requester access to cluster resources or to authenticate as a requested identity. Before approving a CSR, ensure you understand what the signed certificate can do.',
  example: '# Approve CSR \'csr-sqgzp\'\nkubectl certificate approve csr-sqgzp',
  flags,
  run: (session) => decide(session, 'Approved'),
})

const deny = verb({
  use: 'deny (-f FILENAME | NAME)',
  short: 'Deny a certificate signing request',
  long: 'Deny a certificate signing request.\n\n kubectl certificate deny allows a cluster admin to deny a certificate signing request (CSR). This action tells a certificate signing controller to not to issue a certificate to the requester.',
  example: '# Deny CSR \'csr-sqgzp\'\nkubectl certificate deny csr-sqgzp',
  flags,
  run: (session) => decide(session, 'Denied'),
})

export const certificate = group({
  use: 'certificate SUBCOMMAND',
  short: 'Modify certificate resources',
  long: 'Modify certificate resources.',
  group: 'Cluster Management Commands:',
  commands: [approve, deny],
}, 'out')

async function decide(session: Session, decision: Decision): Promise<void> {
  const filenames = session.flags.list('filename')
  if (session.args.length < 1 && filenames.length === 0 && session.flags.string('kustomize') === '') throw new CliError('one or more CSRs must be specified as <name> or -f <filename>')
  const args = session.args.map((name) => (name.includes('/') ? name : `certificatesigningrequests/${name}`))
  const built = await build(session, { args, filenames, kustomize: session.flags.string('kustomize'), recursive: session.flags.bool('recursive'), latest: true })
  const printer = resultPrinter(session, decision.toLowerCase(), 'none')
  await built.visit(async (info) => {
    await session.out(printer.print(await decideOne(session, info, decision)))
  })
}

/** Adds the condition, unless it is there; the opposite one refuses. */
async function decideOne(session: Session, info: Info, decision: Decision): Promise<KubeObject> {
  const object = info.object as KubeObject
  if (info.mapping.kind !== 'CertificateSigningRequest') throw new CliError('can only handle certificates.k8s.io/v1 CertificateSigningRequest objects')
  const conditions = (object['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? []
  const opposite = decision === 'Approved' ? 'Denied' : 'Approved'
  if (conditions.some((condition) => condition.type === opposite)) throw new CliError(`certificate signing request ${JSON.stringify(info.name)} is already ${opposite}`)
  if (conditions.some((condition) => condition.type === decision) && !session.flags.bool('force')) return object
  const [reason, message] = decision === 'Approved' ? ['KubectlApprove', 'This CSR was approved by kubectl certificate approve.'] : ['KubectlDeny', 'This CSR was denied by kubectl certificate deny.']
  const stamp = `${new Date(session.now()).toISOString().slice(0, 19)}Z`
  const next = copyObject(object)
  next['status'] = { ...(next['status'] as object | undefined), conditions: [...conditions.filter((condition) => condition.type !== decision), { type: decision, status: 'True', reason, message, lastUpdateTime: stamp }] }
  return await session.request('PUT', resourcePath(info.mapping, '', info.name, 'approval'), { body: next })
}
