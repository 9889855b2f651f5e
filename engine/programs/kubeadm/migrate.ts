/** `kubeadm config migrate` and `validate`: files of the older v1beta3, and fields that no version has. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYamlStream } from '#engine/base/yaml/parser'
import { bool, string } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { apiVersion, type Argument, defaultCluster, defaultInit, defaultJoin, overlay, readConfiguration } from './configuration'
import { KubeadmError, Session } from './session'
import { generateToken } from './tokens'
import { ownAddress } from './address'

type Document = Record<string, unknown>

const older = 'kubeadm.k8s.io/v1beta3'

/** Fields of each kind, for those who check strictly. */
const known: Readonly<Record<string, string>> = {
  ClusterConfiguration: 'apiServer apiVersion caCertificateValidityPeriod certificateValidityPeriod certificatesDir clusterName controlPlaneEndpoint controllerManager dns encryptionAlgorithm etcd featureGates imageRepository kind kubernetesVersion networking proxy scheduler',
  InitConfiguration: 'apiVersion bootstrapTokens certificateKey dryRun kind localAPIEndpoint nodeRegistration patches skipPhases timeouts',
  JoinConfiguration: 'apiVersion caCertPath controlPlane discovery dryRun kind nodeRegistration patches skipPhases timeouts',
}

export const migrateCommand: Command = {
  use: 'migrate',
  short: 'Read an older version of the kubeadm configuration API types from a file, and output the similar config object for the newer version',
  flags: [string('old-config', 'Path to the kubeadm config file that is using an old API version and should be converted. This flag is mandatory.'), string('new-config', 'Path to the resulting equivalent kubeadm config file using the new API version. Optional, if not specified output will be sent to STDOUT.'), bool('allow-experimental-api', 'Allow migration to experimental, unreleased APIs.')],
  run: migrate,
}

/** Warns of an old version; throws for a field that is none. */
export async function checkStrictly(session: Session, text: string): Promise<void> {
  readConfiguration(text)
  for (const document of documentsOf(text)) {
    const version = String(document['apiVersion'])
    const kind = String(document['kind'])
    if (version === older) await session.warn('common.go:102', `your configuration file uses a deprecated API spec: "${version}" (kind: "${kind}"). Please use 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`)
    const fields = known[kind]?.split(' ')
    const stranger = fields && version === apiVersion ? Object.keys(document).find((key) => !fields.includes(key)) : undefined
    if (stranger !== undefined) throw new KubeadmError(`error unmarshaling configuration schema.GroupVersionKind{Group:"kubeadm.k8s.io", Version:"${version.split('/')[1] ?? ''}", Kind:"${kind}"}: strict decoding error: unknown field ${JSON.stringify(stranger)}`)
  }
}

async function migrate({ process, flags }: Invocation): Promise<number> {
  const path = flags.string('old-config')
  if (path === '') throw new KubeadmError('the --old-config flag is mandatory')
  if (!process.files.exists(path)) throw new KubeadmError(`open ${path}: no such file or directory`)
  const session = new Session(process)
  const text = process.files.readText(path)
  readConfiguration(text)
  const documents = documentsOf(text).map(newer)
  const of = (kind: string): Document | undefined => documents.find((document) => document['kind'] === kind)
  const join = of('JoinConfiguration')
  const out = join ? [overlay(defaultJoin(session.hostname()), join as never)] : [overlay(defaultInit(session.hostname(), await ownAddress(session), generateToken(process.random)), of('InitConfiguration') as never), overlay({ ...defaultCluster(), kubernetesVersion: session.release }, of('ClusterConfiguration') as never)]
  const yaml = out.map((document) => emitYaml(sorted(document))).join('---\n')
  if (flags.string('new-config') === '') await process.stdout.write(yaml)
  else process.files.writeFile(flags.string('new-config'), yaml, 0o600)
  return 0
}

function documentsOf(text: string): Document[] {
  return parseYamlStream(text).filter((document): document is Document => typeof document === 'object' && document !== null)
}

/** v1beta3 kept arguments as a map, and two time-outs in places of their own. */
function newer(document: Document): Document {
  if (document['apiVersion'] !== older) return document
  const out: Document = { ...(converted(document) as Document), apiVersion }
  const timeouts: Record<string, unknown> = {}
  const server = out['apiServer'] as Document | undefined
  if (server?.['timeoutForControlPlane'] !== undefined) {
    const { timeoutForControlPlane: _moved, ...rest } = server
    out['apiServer'] = rest
  }
  const discovery = out['discovery'] as Document | undefined
  if (discovery?.['timeout'] !== undefined) {
    const { timeout, ...rest } = discovery
    timeouts['discovery'] = timeout
    out['discovery'] = rest
  }
  return Object.keys(timeouts).length > 0 ? { ...out, timeouts } : out
}

function converted(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(item))
  if (typeof value !== 'object' || value === null) return value
  if (key === 'extraArgs' || key === 'kubeletExtraArgs') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, given]): Argument => ({ name, value: String(given) }))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, converted(item, name)]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}
