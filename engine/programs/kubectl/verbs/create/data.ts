/** create configmap, create secret. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toBase64, toHex } from '#engine/base/bytes'
import { compactJson } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import type { Command } from '#engine/programs/common/cobra/command'
import { bool, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, type Session } from '#engine/programs/kubectl/session/session'
import { group } from '../verb'
import { generator } from './generator'
import { keyProblem, readSources, splitFileSource } from './keys'

const configMaps = builtin('', 'v1', 'configmaps', 'ConfigMap')
const secrets = builtin('', 'v1', 'secrets', 'Secret')
const hashFlag = (what: string) => bool('append-hash', `Append a hash of the ${what} to its name.`)
const sourceFlags = [
  strings('from-env-file', 'Path of a file with lines of key=value pairs.'),
  strings('from-file', 'A file to be a value; its base name is the key, or give key=path. A directory gives each file of a valid name.'),
  stringArray('from-literal', 'A key and its value (i.e. mykey=somevalue)'),
]

/** The ten letters that tell versions of generated data apart. */
export function dataHash(content: Record<string, unknown>): string {
  return toHex(sha256(encodeUtf8(compactJson(content)))).slice(0, 10).replace(/[013ae]/g, (char) => ({ 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' })[char as '0']  as string)
}

export function isText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export const configMap = generator({
  use: 'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  example: '# A config map with a key for each file of folder bar\nkubectl create configmap my-config --from-file=path/to/bar\n\n# With literal values\nkubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2',
  flags: [hashFlag('configmap'), ...sourceFlags],
  mapping: configMaps,
  failure: 'failed to create configmap: ',
  make(session, name) {
    const data: Record<string, string> = {}
    const binary: Record<string, string> = {}
    readSources(session, 'config', (key, value) => {
      const problem = keyProblem(key)
      if (problem) throw new CliError(`${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${problem}`)
      if (key in data) throw new CliError(`cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`)
      if (key in binary) throw new CliError(`cannot add key ${JSON.stringify(key)}, another key by that name already exists in BinaryData for ConfigMap ${JSON.stringify(name)}`)
      const text = typeof value === 'string' ? value : isText(value)
      if (text !== undefined) data[key] = text
      else binary[key] = toBase64(value as Uint8Array)
    })
    const suffix = session.flags.bool('append-hash') ? `-${dataHash({ data: sorted(data), kind: 'ConfigMap', name, ...(Object.keys(binary).length > 0 ? { binaryData: sorted(binary) } : {}) })}` : ''
    return { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: name + suffix }, ...(Object.keys(data).length > 0 ? { data: sorted(data) } : {}), ...(Object.keys(binary).length > 0 ? { binaryData: sorted(binary) } : {}) }
  },
})

function sorted(map: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function makeSecret(session: Session, name: string, type: string, data: Record<string, string>): KubeObject {
  const suffix = session.flags.bool('append-hash') ? `-${dataHash({ kind: 'Secret', type, name, data })}` : ''
  return { kind: 'Secret', apiVersion: 'v1', metadata: { name: name + suffix }, ...(Object.keys(data).length > 0 ? { data: sorted(data) } : {}), ...(type === '' ? {} : { type }) }
}

const generic = generator({
  use: 'generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a secret from a local file, directory, or literal value',
  example: '# A secret with a key for each file of folder bar\nkubectl create secret generic my-secret --from-file=path/to/bar\n\n# With literal values\nkubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret',
  flags: [hashFlag('secret'), ...sourceFlags, string('type', 'The type of secret to create')],
  mapping: secrets,
  failure: 'failed to create secret ',
  make(session, name) {
    const data: Record<string, string> = {}
    readSources(session, 'secret', (key, value) => {
      const problem = keyProblem(key)
      if (problem) throw new CliError(`${JSON.stringify(key)} is not valid key name for a Secret ${problem}`)
      if (key in data) throw new CliError(`cannot add key ${key}, another key by that name already exists`)
      data[key] = toBase64(typeof value === 'string' ? encodeUtf8(value) : value)
    })
    return makeSecret(session, name, session.flags.string('type'), data)
  },
})

const dockerRegistry = generator({
  use: 'docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  short: 'Create a secret for use with a Docker registry',
  example: '# From user and password\nkubectl create secret docker-registry my-secret --docker-server=DOCKER_REGISTRY_SERVER --docker-username=DOCKER_USER --docker-password=DOCKER_PASSWORD --docker-email=DOCKER_EMAIL',
  flags: [hashFlag('secret'), string('docker-email', 'Email for Docker registry'), string('docker-password', 'Password for Docker registry authentication'), string('docker-server', 'Server location for Docker registry', { default: 'https://index.docker.io/v1/' }), string('docker-username', 'Username for Docker registry authentication'), strings('from-file', 'A file to be the value of the key, or key=path.')],
  mapping: secrets,
  failure: 'failed to create secret ',
  make(session, name) {
    const { flags } = session
    const files = flags.list('from-file')
    const [server, username, password, email] = [flags.string('docker-server'), flags.string('docker-username'), flags.string('docker-password'), flags.string('docker-email')]
    if (files.length === 0 && (username === '' || password === '' || server === '')) throw new CliError('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required')
    if (files.length > 0) {
      const { key, path, named } = splitFileSource(files[0] as string)
      if (!session.process.files.exists(path)) throw new CliError(`error reading ${path}: no such file or directory`)
      return makeSecret(session, name, 'kubernetes.io/dockerconfigjson', { [named ? key : '.dockerconfigjson']: toBase64(session.process.files.readFile(path)) })
    }
    const content = encodeUtf8(JSON.stringify({ auths: { [server]: { username, password, ...(email === '' ? {} : { email }), auth: toBase64(encodeUtf8(`${username}:${password}`)) } } }))
    return makeSecret(session, name, 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': toBase64(content) })
  },
})

const tls = generator({
  use: 'tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  short: 'Create a TLS secret',
  example: '# From a key pair\nkubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key',
  flags: [hashFlag('secret'), string('cert', 'Path to PEM encoded public key certificate.'), string('key', 'Path to private key associated with given certificate.')],
  mapping: secrets,
  failure: 'failed to create secret ',
  make(session, name) {
    const [cert, key] = [session.flags.string('cert'), session.flags.string('key')]
    if (cert === '' || key === '') throw new CliError('key and cert must be specified')
    const read = (path: string): Uint8Array => {
      try {
        return session.process.files.readFile(path)
      } catch (error) {
        throw new CliError(`Cannot read file ${path}, open ${path}: ${(error as Error).message.toLowerCase()}`)
      }
    }
    const [certificate, privateKey] = [read(cert), read(key)]
    checkKeyPair(certificate, privateKey)
    return makeSecret(session, name, 'kubernetes.io/tls', { 'tls.crt': toBase64(certificate), 'tls.key': toBase64(privateKey) })
  },
})

function checkKeyPair(certificate: Uint8Array, key: Uint8Array): void {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  if (!/-----BEGIN CERTIFICATE-----/.test(text(certificate))) throw new CliError(/-----BEGIN/.test(text(certificate)) ? 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [PRIVATE KEY]' : 'tls: failed to find any PEM data in certificate input')
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text(key))) throw new CliError(/-----BEGIN/.test(text(key)) ? 'tls: found a certificate rather than a key in the PEM for the private key' : 'tls: failed to find any PEM data in key input')
}

export const secret: Command = group({
  use: 'secret (docker-registry | generic | tls)', short: 'Create a secret using a specified subcommand', long: 'Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.', commands: [dockerRegistry, generic, tls],
})
