/** `kubeadm certs generate-csr`: keys and signing requests for an authority whose key is kept elsewhere. */
import { subjectAltName } from '#engine/base/pki/extensions'
import { privateKeyPem, type PrivateKey } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { buildRequest, requestPem } from '#engine/base/pki/request'
import { string } from '#engine/programs/common/cobra/flags'
import { noArgs, type Command, type Invocation } from '#engine/programs/common/cobra/command'
import { ownAddress } from './address'
import { alternativeNames, leaves, newKey, type CertificateContext, type Identity } from './certificates'
import { readGiven } from './config'
import { defaultCluster, defaultInit, overlay, readConfiguration } from './configuration'
import { kubeconfigSpecs, kubeconfigYaml } from './kubeconfigs'
import { KubeadmError, Session } from './session'

export const generateCsrCommand: Command = {
  use: 'generate-csr',
  short: 'Generate keys and certificate signing requests',
  args: noArgs,
  flags: [
    string('cert-dir', 'The path where to save the certificates'),
    string('config', 'Path to a kubeadm configuration file.'),
    string('kubeconfig-dir', 'The path where to save the kubeconfig file.', { default: '/etc/kubernetes' }),
  ],
  run: generate,
}

async function generate(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const session = new Session(process)
  const given = flags.string('config') === '' ? {} : readConfiguration(readGiven(invocation, flags.string('config')))
  const init = overlay(defaultInit(session.hostname(), given.init?.localAPIEndpoint?.advertiseAddress ?? (await ownAddress(session)), ''), given.init)
  const cluster = overlay(defaultCluster(), given.cluster)
  if (flags.string('cert-dir') !== '') cluster.certificatesDir = flags.string('cert-dir')
  const { advertiseAddress, bindPort } = init.localAPIEndpoint
  const context: CertificateContext = { process, cluster, nodeName: init.nodeRegistration.name, advertiseAddress }
  await certificateRequests(session, context)
  const endpoint = cluster.controlPlaneEndpoint ?? `${advertiseAddress}:${bindPort}`
  await kubeconfigRequests(session, context, flags.string('kubeconfig-dir'), `https://${endpoint}`)
  return 0
}

async function certificateRequests(session: Session, context: CertificateContext): Promise<void> {
  const directory = context.cluster.certificatesDir
  await session.say(`generating keys and CSRs in ${directory}`)
  for (const leaf of leaves) {
    const path = `${directory}/${leaf.base}`
    if (session.process.files.exists(`${path}.key`) || session.process.files.exists(`${path}.csr`)) throw new KubeadmError(`file already exists: key or CSR ${path}`)
    const key = newKey(session.process)
    const { dns, ips } = alternativeNames(context, leaf)
    write(session, `${path}.key`, privateKeyPem(key, 'traditional'), 0o600)
    write(session, `${path}.csr`, requestFor(key, { commonName: leaf.commonName === '' ? context.nodeName : leaf.commonName, organizations: leaf.organizations ?? [], usages: leaf.usages, dns, ips }), 0o600)
    await session.say(`  ${leaf.base}`)
  }
}

/** Each kubeconfig has its key and neither certificate: whoever signs the request beside it adds both. */
async function kubeconfigRequests(session: Session, context: CertificateContext, directory: string, server: string): Promise<void> {
  await session.say(`generating keys and CSRs in ${directory}`)
  for (const { file, user, organizations } of kubeconfigSpecs(context.nodeName)) {
    const path = `${directory}/${file}`
    if (session.process.files.exists(path)) throw new KubeadmError(`file already exists: kubeconfig ${path}`)
    const key = newKey(session.process)
    const text = kubeconfigYaml({ clusterName: context.cluster.clusterName, server, user, credentials: { key: privateKeyPem(key, 'traditional') } })
    write(session, path, text, 0o600)
    write(session, `${path}.csr`, requestFor(key, { commonName: user, organizations, usages: ['clientAuth'] }), 0o600)
    await session.say(`  ${file}`)
  }
}

function requestFor(key: PrivateKey, { commonName, organizations, dns = [], ips = [] }: Identity): string {
  return requestPem(buildRequest(goName({ commonName, organizations }), key, dns.length + ips.length > 0 ? [subjectAltName({ dns, ips })] : []))
}

function write({ process: { files } }: Session, path: string, text: string, mode: number): void {
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o700)
  files.writeFile(path, text, mode)
}
