/** etcd's command line (Go's flag style, and ETCD_* variables below it), checked as far as the simulated member goes. */
import { booleanFlags, etcdFlags } from './flags.table'

export interface EtcdSettings {
  readonly name: string
  readonly dataDir: string
  readonly clientUrls: readonly string[]
  readonly metricsUrls: readonly string[]
  readonly peerUrls: readonly string[]
  readonly advertiseClientUrls: readonly string[]
  readonly advertisePeerUrls: readonly string[]
  readonly initialCluster: string
  readonly certFile: string
  readonly keyFile: string
  readonly trustedCaFile: string
  readonly clientCertAuth: boolean
  readonly peerCertFile: string
  readonly peerKeyFile: string
  readonly peerCaFile: string
  readonly peerClientCertAuth: boolean
  readonly initialClusterState: 'new' | 'existing'
  readonly initialClusterToken: string
  readonly forceNew: boolean
  readonly quotaBytes: number | undefined
}

/** A command line that etcd refuses, with what it prints. */
export class EtcdUsageError extends Error {
  override readonly name = 'EtcdUsageError'
}

export function parseEtcdOptions(args: readonly string[], env: ReadonlyMap<string, string>): EtcdSettings {
  const flags = parseFlags(args, env)
  const text = (name: string, fallback = ''): string => flags.get(name) ?? fallback
  const urls = (name: string, fallback: string): string[] => text(name, fallback).split(',').filter((url) => url !== '').map((url) => checkUrl(name, url))
  const name = text('name', 'default')
  const quota = Number(text('quota-backend-bytes', '0'))
  const peerUrls = urls('initial-advertise-peer-urls', 'http://localhost:2380')
  return {
    name,
    dataDir: text('data-dir', `${name}.etcd`),
    clientUrls: urls('listen-client-urls', 'http://localhost:2379'),
    metricsUrls: urls('listen-metrics-urls', ''),
    peerUrls: urls('listen-peer-urls', 'http://localhost:2380'),
    advertiseClientUrls: urls('advertise-client-urls', 'http://localhost:2379'),
    advertisePeerUrls: peerUrls,
    initialCluster: text('initial-cluster', `${name}=${peerUrls.join(',')}`),
    certFile: text('cert-file'),
    keyFile: text('key-file'),
    trustedCaFile: text('trusted-ca-file'),
    clientCertAuth: text('client-cert-auth') === 'true',
    peerCertFile: text('peer-cert-file'),
    peerKeyFile: text('peer-key-file'),
    peerCaFile: text('peer-trusted-ca-file'),
    peerClientCertAuth: text('peer-client-cert-auth') === 'true',
    initialClusterState: clusterState(text('initial-cluster-state', 'new')),
    initialClusterToken: text('initial-cluster-token', 'etcd-cluster'),
    forceNew: text('force-new-cluster') === 'true',
    quotaBytes: quota > 0 ? quota : undefined,
  }
}

function clusterState(text: string): 'new' | 'existing' {
  if (text === 'new' || text === 'existing') return text
  throw new EtcdUsageError(`invalid value ${JSON.stringify(text)} for flag -initial-cluster-state: invalid value ${JSON.stringify(text)}`)
}

function parseFlags(args: readonly string[], env: ReadonlyMap<string, string>): Map<string, string> {
  const flags = fromEnvironment(env)
  for (let index = 0; index < args.length; index++) {
    const match = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(args[index] as string)
    if (!match?.[1]) throw new EtcdUsageError(`'${args[index] ?? ''}' is not a valid flag`)
    const [, name, inline] = match
    if (!etcdFlags.has(name)) throw new EtcdUsageError(`flag provided but not defined: -${name}`)
    const value = inline ?? (booleanFlags.has(name) ? 'true' : args[++index])
    if (value === undefined) throw new EtcdUsageError(`flag needs an argument: -${name}`)
    flags.set(name, value)
  }
  return flags
}

function fromEnvironment(env: ReadonlyMap<string, string>): Map<string, string> {
  const flags = new Map<string, string>()
  for (const [key, value] of env) {
    const name = key.startsWith('ETCD_') ? key.slice(5).toLowerCase().replace(/_/g, '-') : ''
    if (etcdFlags.has(name)) flags.set(name, value)
  }
  return flags
}

function checkUrl(flag: string, url: string): string {
  if (/^https?:\/\/[^/:]+:\d+$/.test(url) || /^https?:\/\/\[[0-9a-f:]+\]:\d+$/.test(url)) return url
  const reason = /^https?:\/\//.test(url) ? `URL address does not have the form "host:port": ${url}` : `URL scheme must be http, https, unix, or unixs: ${url}`
  throw new EtcdUsageError(`invalid value "${url}" for flag -${flag}: ${reason}`)
}
