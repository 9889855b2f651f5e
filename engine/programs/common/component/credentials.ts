/** Clients from the files of a machine, and clients that act as service accounts. */
import type { HttpResponse } from '#engine/base/http'
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { keyPairProblem } from '#engine/linux/net/tls/handshake'
import { isReason } from '#engine/api/status'
import { Client } from '#engine/client/client'
import { type ClientConfig, clientConfigFromFile, inClusterConfig, type PemSource } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import { KubeconfigError } from '#engine/client/kubeconfig'
import { serviceAccounts } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import type { Transport } from '#engine/client/transport'
import { CommandFailed, fileError } from '#engine/programs/common/component/component'

/** The configuration of `--kubeconfig`; without the flag that of the pod the process is in. */
export function componentConfig(process: Process, path: string, master = ''): ClientConfig {
  const readFile = (name: string): string => process.files.readText(name)
  try {
    if (path === '') return inClusterConfig(process.env, readFile)
    process.files.stat(path)
    return clientConfigFromFile(readFile, path, master === '' ? {} : { server: master })
  } catch (error) {
    if (error instanceof KubeconfigError) throw new CommandFailed(error.message)
    if (isErrno(error)) throw new CommandFailed(fileError({ message: error.message, subject: error.subject ?? path }, 'stat'))
    throw error
  }
}

export function componentClient(process: Process, config: ClientConfig, userAgent: string): Client {
  checkFiles(process, config)
  checkPair(process, config)
  try {
    return new Client(dialTransport(config, process.net, (name) => process.files.readText(name), { wordFailures: true }), { userAgent })
  } catch (error) {
    if (error instanceof KubeconfigError) throw new CommandFailed(error.message)
    throw error
  }
}

/** What the configuration points to must be there: all that is missing is told at once. */
function checkFiles(process: Process, { certificate, key, roots, userName = '', clusterName = '' }: ClientConfig): void {
  const problem = (source: PemSource | undefined, what: string, owner: string): string[] => {
    if (!source || 'data' in source) return []
    try {
      process.files.readText(source.file)
      return []
    } catch (error) {
      if (!isErrno(error)) throw error
      return [`unable to read ${what} ${source.file} for ${owner} due to ${fileError({ message: error.message, subject: source.file })}`]
    }
  }
  const problems = [...problem(certificate, 'client-cert', userName), ...problem(key, 'client-key', userName), ...problem(roots, 'certificate-authority', clusterName)]
  if (problems.length > 0) throw new CommandFailed(`invalid configuration: ${problems.length > 1 ? `[${problems.join(', ')}]` : problems.join('')}`)
}

/** A certificate and a key that are none, or not of each other, end a daemon at its start. */
function checkPair(process: Process, { certificate, key }: ClientConfig): void {
  if (!certificate || !key) return
  const [one, other] = [certificate, key].map((source) => ('file' in source ? process.files.readText(source.file) : source.data))
  const problem = keyPairProblem(one ?? '', other ?? '')
  if (problem !== undefined) throw new CommandFailed(problem)
}

const tokenSeconds = 3600

/** Requests as a service account of kube-system: its token is asked for when first needed, and again before it lapses. */
export function serviceAccountClient(process: Process, root: Client, config: ClientConfig, account: string, userAgent: string): Client {
  const { certificate: _certificate, key: _key, token: _token, tokenFile: _tokenFile, username: _username, password: _password, ...anonymous } = config
  const transport = dialTransport(anonymous, process.net, (name) => process.files.readText(name), { wordFailures: true })
  const tokens = new TokenSource(process, root, account)
  const withToken: Transport = {
    request(request) {
      const send = (token: string): Promise<HttpResponse> => transport.request({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
      const token = tokens.standing
      return token === undefined ? tokens.get().then(send) : send(token)
    },
  }
  return new Client(withToken, { userAgent: `${userAgent}/system:serviceaccount:kube-system:${account}` })
}

class TokenSource {
  private current: { readonly token: string; readonly renewAt: number } | undefined
  private pending: Promise<string> | undefined

  constructor(
    private readonly process: Process,
    private readonly root: Client,
    private readonly account: string,
  ) {}

  /** The token, while it is fresh. */
  get standing(): string | undefined {
    return this.current && this.process.clock.now() < this.current.renewAt ? this.current.token : undefined
  }

  get(): Promise<string> {
    this.pending ??= this.request().finally(() => (this.pending = undefined))
    return this.pending
  }

  private async request(): Promise<string> {
    let answer
    try {
      answer = await this.post()
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await this.create()
      answer = await this.post()
    }
    const status = answer['status'] as { token: string; expirationTimestamp?: string }
    const now = this.process.clock.now()
    const expires = parseTime(status.expirationTimestamp) ?? now + tokenSeconds * 1000
    this.current = { token: status.token, renewAt: now + (expires - now) * 0.8 }
    return status.token
  }

  private post(): ReturnType<ReturnType<Client['of']>['post']> {
    return this.root.of(serviceAccounts).post('kube-system', this.account, 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { audiences: [], expirationSeconds: tokenSeconds, boundObjectRef: null } })
  }

  private async create(): Promise<void> {
    try {
      await this.root.of(serviceAccounts).create({ metadata: { name: this.account, namespace: 'kube-system' } })
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }
}
