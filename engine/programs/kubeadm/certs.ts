/** `kubeadm certs`: how long certificates last, and new ones for old. */
import { parseCertificatePem, type Certificate } from '#engine/base/pki/certificate'
import { decodeUtf8, fromBase64, toHex } from '#engine/base/bytes'
import { configMaps } from '#engine/client/resources'
import { parseYaml } from '#engine/base/yaml/parser'
import { string } from '#engine/programs/common/cobra/flags'
import { noArgs, type Command, type Invocation } from '#engine/programs/common/cobra/command'
import { parsePrivateKeyPem } from '#engine/base/pki/keys'
import { authorities, issueLeaf, leaves, writePair, type CertificateContext, type CertificateSpec } from './certificates'
import { defaultCluster, overlay, type ClusterConfiguration } from './configuration'
import { expirationObject, expirationTable, type Listed } from './expiration'
import { issueKubeconfig, kubeconfigSpecs } from './kubeconfigs'
import { generateCsrCommand } from './requests'
import { KubeadmError, Session } from './session'
import { group } from './commands/group'

const flags = [
  string('cert-dir', 'The path where to save the certificates', { default: '/etc/kubernetes/pki' }),
  string('config', 'Path to a kubeadm configuration file.'),
  string('kubeconfig', 'The kubeconfig file to use when talking to the cluster.', { default: '/etc/kubernetes/admin.conf' }),
]

/** Names, longer names and where each certificate is; in the order kubeadm lists them. */
export interface Renewable {
  readonly name: string
  readonly longName: string
  readonly authority: string
  readonly leaf?: CertificateSpec
  readonly kubeconfig?: string
}

const forKubeconfig: Readonly<Record<string, string>> = {
  admin: 'the admin to use and for kubeadm itself',
  'controller-manager': 'the controller manager to use',
  scheduler: 'the scheduler manager to use',
  'super-admin': 'the super-admin',
}

export const renewables: readonly Renewable[] = [
  ...leaves.map((leaf): Renewable => ({ name: leaf.name, longName: leaf.description, authority: leaf.authority, leaf })),
  ...Object.entries(forKubeconfig).map(([name, owner]): Renewable => ({ name: `${name}.conf`, longName: `certificate embedded in the kubeconfig file for ${owner}`, authority: 'ca', kubeconfig: name })),
].sort((a, b) => (a.name < b.name ? -1 : 1))

export const certsCommand: Command = group({
  use: 'certs',
  short: 'Commands related to handling Kubernetes certificates',
  commands: [
    { use: 'check-expiration', short: 'Check certificates expiration for a Kubernetes cluster', flags: [...flags, string('output,o', 'Output format. One of: text|json|yaml', { default: 'text' })], args: noArgs, run: checkExpiration },
    group({
      use: 'renew',
      short: 'Renew certificates for a Kubernetes cluster',
      commands: [
        ...renewables.map((one): Command => ({ use: one.name, short: `Renew the ${one.longName}`, flags, args: noArgs, run: (invocation) => renew(invocation, [one]) })),
        { use: 'all', short: 'Renew all available certificates', flags, args: noArgs, run: (invocation) => renew(invocation, renewables) },
      ],
    }),
    {
      use: 'certificate-key',
      short: 'Generate certificate keys',
      async run({ process }) {
        await process.stdout.write(`${toHex(process.random.bytes(32))}\n`)
        return 0
      },
    },
    generateCsrCommand,
  ],
})

async function checkExpiration(invocation: Invocation): Promise<number> {
  const { process, flags: given } = invocation
  const format = given.string('output')
  if (!['text', 'json', 'yaml'].includes(format)) throw new KubeadmError(`invalid output format: ${format}`)
  const context = await contextOf(invocation, 'check-expiration', format === 'text')
  const held = (authority: string): boolean => !authorityKey(context, authority)
  const certificates = renewables.map((one): Listed => ({ name: one.name, authority: one.authority, certificate: read(context, one), external: held(one.authority) }))
  const roots = [...authorities].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, base }): Listed => {
    const path = `${context.cluster.certificatesDir}/${base}.crt`
    return { name, certificate: process.files.exists(path) ? parseCertificatePem(process.files.readText(path)) : undefined, external: held(name) }
  })
  await process.stdout.write(format === 'text' ? expirationTable(certificates, roots, process.clock.now()) : expirationObject(certificates, roots, process.clock.now(), format))
  return 0
}

async function renew(invocation: Invocation, which: readonly Renewable[]): Promise<number> {
  const session = new Session(invocation.process)
  const context = await contextOf(invocation, 'renew')
  for (const one of which) await session.say(renewOne(context, one))
  if (which.length > 1) await session.say('\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.')
  return 0
}

/** Renews one and says so; the key stays, as does everything else in the file. */
export function renewOne(context: CertificateContext, one: Renewable): string {
  const { files } = context.process
  if (!read(context, one)) return `MISSING! ${one.longName}`
  if (!authorityKey(context, one.authority)) return `Detected external ${one.authority}, ${one.longName} can't be renewed`
  if (one.leaf) {
    const path = `${context.cluster.certificatesDir}/${one.leaf.base}`
    const key = parsePrivateKeyPem(files.readText(`${path}.key`))
    writePair(context.process, path, issueLeaf(context, one.leaf, key), key)
    return `${one.longName} renewed`
  }
  const spec = kubeconfigSpecs(context.nodeName).find((candidate) => candidate.name === one.kubeconfig)
  const path = `/etc/kubernetes/${one.kubeconfig ?? ''}.conf`
  const server = /server: (\S+)/.exec(files.readText(path))?.[1] ?? ''
  files.writeFile(path, issueKubeconfig(context, server, spec?.user ?? '', spec?.organizations ?? []), 0o600)
  return `${one.longName} renewed`
}

export async function readCluster(session: Session, kubeconfig: string, prefix: string, tells = true): Promise<ClusterConfiguration | undefined> {
  const client = session.client(kubeconfig)
  if (tells) await session.say(`[${prefix}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...`)
  if (tells) await session.say(`[${prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.`)
  const map = await client.of(configMaps).get('kube-system', 'kubeadm-config')
  return parseYaml(((map['data'] ?? {}) as Record<string, string>)['ClusterConfiguration'] ?? '') as ClusterConfiguration
}

/** `tells`: what is read is told, but where only an object is asked for. */
async function contextOf({ process, flags: given }: Invocation, prefix: string, tells = true): Promise<CertificateContext> {
  const session = new Session(process)
  let cluster: ClusterConfiguration = defaultCluster()
  try {
    if (process.files.exists(given.string('kubeconfig'))) {
      cluster = overlay(cluster, await readCluster(session, given.string('kubeconfig'), prefix, tells))
      if (tells) await session.say('')
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    await session.say(`[${prefix}] Error reading configuration from the Cluster. Falling back to default configuration\n`)
  }
  if (given.changed('cert-dir')) cluster = { ...cluster, certificatesDir: given.string('cert-dir') }
  const address = /advertise-address=(\S+)/.exec(textOf(process.files, '/etc/kubernetes/manifests/kube-apiserver.yaml'))?.[1] ?? '127.0.0.1'
  return { process, cluster, nodeName: session.hostname(), advertiseAddress: address }
}

function textOf(files: CertificateContext['process']['files'], path: string): string {
  return files.exists(path) ? files.readText(path) : ''
}

function read(context: CertificateContext, one: Renewable): Certificate | undefined {
  const { files } = context.process
  const path = one.leaf ? `${context.cluster.certificatesDir}/${one.leaf.base}.crt` : `/etc/kubernetes/${one.kubeconfig ?? ''}.conf`
  if (!files.exists(path)) return undefined
  const text = files.readText(path)
  if (one.leaf) return parseCertificatePem(text)
  const data = /client-certificate-data: (\S+)/.exec(text)?.[1]
  return data ? parseCertificatePem(decodeUtf8(fromBase64(data))) : undefined
}

function authorityKey(context: CertificateContext, name: string): boolean {
  const spec = authorities.find((authority) => authority.name === name)
  return context.process.files.exists(`${context.cluster.certificatesDir}/${spec?.base ?? name}.key`) !== undefined
}
