/** Credential plugins: the program that the kubeconfig names gives out a token or a certificate before the first request. */
import { toBase64, encodeUtf8 } from '#engine/base/bytes'
import type { ClientConfig } from '#engine/client/config'
import { ConnectionError } from '#engine/client/errors'
import type { ExecConfig } from '#engine/client/exec'
import type { Transport } from '#engine/client/transport'
import type { Process } from '#engine/linux/abi/process'
import { findExecutable } from '../plugins'
import { isObject } from '../resources/metadata'
import { capture } from './capture'
import { askCredentials, mustAsk } from './prompt'

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

export interface AuthenticatedTransport extends Transport {
  /** Asks for name and password where it has to; requests do so by themselves. */
  ready(): Promise<void>
}

/** Throws for a version that no client knows. */
export function withCredentials(config: ClientConfig, process: Process, dial: (config: ClientConfig) => Transport): AuthenticatedTransport {
  const { exec } = config
  if (mustAsk(config)) return asking(config, process, dial)
  const ready = (): Promise<void> => Promise.resolve()
  if (!exec || config.token !== undefined) return { ...dial(config), ready }
  if (!versions.includes(exec.apiVersion ?? '')) throw new Error(`exec plugin: invalid apiVersion ${JSON.stringify(exec.apiVersion)}`)
  let transport: Promise<Transport> | undefined
  return {
    ready,
    async request(request) {
      try {
        transport ??= credentialsOf(config, exec, process).then((credentials) => dial({ ...config, ...credentials }))
        await transport
      } catch (error) {
        transport = undefined
        if (!(error instanceof CredentialError)) throw error
        throw new ConnectionError(request.method, `${config.server}${request.path}`, error, `getting credentials: ${error.message}`)
      }
      return await (await transport).request(request)
    },
  }
}

function asking(config: ClientConfig, process: Process, dial: (config: ClientConfig) => Transport): AuthenticatedTransport {
  let transport: Promise<Transport> | undefined
  const asked = (): Promise<Transport> => (transport ??= askCredentials(process).then((credentials) => dial({ ...config, ...credentials })))
  return { ready: async () => void (await asked()), request: async (request) => await (await asked()).request(request) }
}

class CredentialError extends Error {}

type Credentials = Pick<ClientConfig, 'token' | 'certificate' | 'key'>

async function credentialsOf(config: ClientConfig, exec: ExecConfig, process: Process): Promise<Credentials> {
  const interactive = isInteractive(exec, process)
  const { command = '' } = exec
  const program = command.includes('/') ? command : findExecutable(process, command)
  if (program === undefined || !process.files.exists(program)) throw new CredentialError(notInstalled(exec))
  const env = new Map(process.env)
  for (const { name, value } of exec.env ?? []) env.set(name, value)
  env.set('KUBERNETES_EXEC_INFO', `${JSON.stringify(requestOf(config, exec, process, interactive))}\n`)
  const { text, code } = await capture(process, program, [command, ...(exec.args ?? [])], env)
  if (code !== 0) throw new CredentialError(`exec: executable ${command} failed with exit code ${code}`)
  return statusOf(exec, text)
}

function isInteractive({ interactiveMode = 'IfAvailable' }: ExecConfig, process: Process): boolean {
  if (interactiveMode === 'Never') return false
  const available = process.descriptor(0).tty !== undefined
  if (interactiveMode === 'Always' && !available) throw new CredentialError('exec plugin cannot support interactive mode: standard input is not a terminal')
  return available
}

function notInstalled({ command, installHint }: ExecConfig): string {
  const link = 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins'
  return `exec: executable ${command} not found\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.\n\nTo learn more about this feature, consult the documentation available at:\n      ${link}${installHint ? `\n\n${installHint}` : ''}`
}

function requestOf(config: ClientConfig, exec: ExecConfig, process: Process, interactive: boolean): unknown {
  return { kind: 'ExecCredential', apiVersion: exec.apiVersion, spec: { ...(exec.provideClusterInfo ? { cluster: clusterOf(config, process) } : {}), interactive } }
}

function clusterOf({ server, serverName, insecure, roots }: ClientConfig, process: Process): Record<string, unknown> {
  const pem = roots && ('data' in roots ? roots.data : process.files.readText(roots.file))
  return {
    server,
    ...(serverName ? { 'tls-server-name': serverName } : {}),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(pem === undefined ? {} : { 'certificate-authority-data': toBase64(encodeUtf8(pem)) }),
    config: null,
  }
}

function statusOf({ apiVersion }: ExecConfig, text: string): Credentials {
  const answer = parse(text)
  if (answer['apiVersion'] !== apiVersion) throw new CredentialError(`exec plugin is configured to use API version ${apiVersion}, plugin returned version ${String(answer['apiVersion'])}`)
  const { status } = answer
  if (!isObject(status)) throw new CredentialError("exec plugin didn't return a status field")
  const { token, clientCertificateData: certificate, clientKeyData: key } = status as Record<string, string | undefined>
  if (!token && !certificate && !key) throw new CredentialError("exec plugin didn't return a token or cert/key pair")
  if (Boolean(certificate) !== Boolean(key)) throw new CredentialError('exec plugin returned only certificate or key, not both')
  return { ...(token ? { token } : {}), ...(certificate && key ? { certificate: { data: certificate }, key: { data: key } } : {}) }
}

function parse(text: string): Record<string, unknown> {
  const problem = "decoding stdout: couldn't get version/kind; json parse error: "
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = text
  }
  if (isObject(value)) return value
  throw new CredentialError(`${problem}json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
}
