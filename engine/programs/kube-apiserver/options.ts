/** From flags and files to the options of an ApiServer. */
import { decodePem } from '#engine/base/pki/pem'
import { parseCertificatesPem } from '#engine/base/pki/certificate'
import { parsePrivateKeyPem, parsePublicKeysPem, type PrivateKey, publicOf, type PublicKey } from '#engine/base/pki/keys'
import { keyId, signJwt } from '#engine/base/pki/jwt'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ApiServerOptions } from '#engine/apiserver/server'
import type { ServerSettings } from '#engine/apiserver/services'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { admissionConfiguration } from './admission-config'
import { readText, StartError } from './files'
import { anonymousOf } from './structured'
import { versionOf } from '#engine/programs/common/component/component'

type Authentication = NonNullable<ApiServerOptions['authentication']>

export function settingsOf(process: Process, flags: Flags): ServerSettings {
  const issuer = flags.list('service-account-issuer')[0] ?? ''
  const audiences = flags.list('api-audiences')
  const advertise = flags.string('advertise-address')
  return {
    serviceClusterIpRange: flags.string('service-cluster-ip-range') || '10.0.0.0/24', serviceNodePortRange: flags.string('service-node-port-range'),
    featureGates: new Map(flags.list('feature-gates').flatMap((item) => item.split(',')).map((item) => [item.split('=')[0]?.replace(/^kube:/, '') ?? '', item.split('=')[1] === 'true'])),
    defaultNotReadyTolerationSeconds: flags.number('default-not-ready-toleration-seconds'), defaultUnreachableTolerationSeconds: flags.number('default-unreachable-toleration-seconds'),
    admissionConfiguration: admissionConfiguration(process, flags), apiAudiences: audiences.length > 0 ? audiences : [issuer], serviceAccountIssuer: issuer,
    allowPrivileged: flags.bool('allow-privileged'), eventTtlMs: flags.number('event-ttl'), securePort: flags.number('secure-port'),
    ...(advertise === '' ? {} : { advertiseAddress: advertise }),
    gitVersion: versionOf(process),
  }
}

export function authenticationOf(process: Process, flags: Flags): Authentication {
  const clientCa = flags.string('client-ca-file')
  const headerCa = flags.string('requestheader-client-ca-file')
  for (const path of [clientCa, headerCa]) if (path !== '') readText(process, path)
  const anonymous = anonymousOf(process, flags)
  return {
    anonymous: anonymous.allowed, ...(anonymous.paths ? { anonymousPaths: anonymous.paths } : {}),
    ...(clientCa === '' ? {} : { clientCa: watched(process, clientCa) }),
    ...(headerCa === '' ? {} : {
      requestHeader: {
        ca: watched(process, headerCa), allowedNames: flags.list('requestheader-allowed-names'), usernameHeaders: flags.list('requestheader-username-headers'),
        groupHeaders: flags.list('requestheader-group-headers'), extraHeadersPrefix: flags.list('requestheader-extra-headers-prefix'),
      },
    }),
    tokens: {
      issuers: flags.list('service-account-issuer'), serviceAccountKeys: serviceAccountKeys(process, flags), bootstrap: flags.bool('enable-bootstrap-token-auth'), static: staticTokens(process, flags),
      audiences: flags.list('api-audiences').length > 0 ? flags.list('api-audiences') : flags.list('service-account-issuer').slice(0, 1),
    },
  }
}

/** What many requests of one moment ask for is looked at once. */
const lookAgainMs = 100

/** A file read again when it has changed; its last good content where it is gone. */
function watched(process: Process, path: string): () => string {
  let content = readText(process, path)
  let stamp = process.files.stat(path).mtimeMs
  let lookedMs = process.clock.now()
  return () => {
    if (process.clock.now() - lookedMs < lookAgainMs) return content
    lookedMs = process.clock.now()
    const stat = process.files.exists(path)
    if (stat && stat.mtimeMs !== stamp) {
      content = process.files.readText(path)
      stamp = stat.mtimeMs
    }
    return content
  }
}

function serviceAccountKeys(process: Process, flags: Flags): () => readonly PublicKey[] {
  const paths = flags.list('service-account-key-file').length > 0 ? flags.list('service-account-key-file') : [flags.string('service-account-signing-key-file')]
  const keys = paths.filter((path) => path !== '').flatMap((path) => keysOf(path, readText(process, path)))
  return () => keys
}

/** Keys by the text of their file: a server that starts again has those it had. */
const keysRead = new Map<string, readonly PublicKey[]>()
const mostKeys = 50

function keysOf(path: string, pem: string): readonly PublicKey[] {
  const known = keysRead.get(pem)
  if (known) return known
  const keys = parseKeys(path, pem)
  if (keysRead.size >= mostKeys) keysRead.clear()
  keysRead.set(pem, keys)
  return keys
}

function parseKeys(path: string, pem: string): PublicKey[] {
  try {
    const blocks = decodePem(pem)
    if (blocks.some((block) => block.label.includes('PRIVATE KEY'))) return [publicOf(parsePrivateKeyPem(pem))]
    if (blocks.some((block) => block.label === 'CERTIFICATE')) return parseCertificatesPem(pem).map((certificate) => certificate.publicKey)
    return parsePublicKeysPem(pem)
  } catch {
    throw new StartError(`failed to parse service-account-key-file(s): error reading public key file ${path}: data does not contain any valid RSA or ECDSA public keys`)
  }
}

function staticTokens(process: Process, flags: Flags): ReadonlyMap<string, UserInfo> {
  const path = flags.string('token-auth-file')
  const out = new Map<string, UserInfo>()
  if (path === '') return out
  for (const line of readText(process, path).split('\n')) {
    const [token, username, uid, groups] = splitCsv(line)
    if (!token || !username) continue
    out.set(token, { username, ...(uid ? { uid } : {}), groups: (groups ?? '').split(',').map((group) => group.trim()).filter((group) => group !== '') })
  }
  return out
}

function splitCsv(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((match) => (match[1] ?? match[2] ?? '').trim())
}

/** As `keysRead`: the host keeps its own form of a key beside it. */
const signers = new Map<string, PrivateKey>()

export function tokenSignerOf(process: Process, flags: Flags): NonNullable<ApiServerOptions['tokenSigner']> {
  const path = flags.string('service-account-signing-key-file')
  const text = readText(process, path)
  try {
    const key = signers.get(text) ?? parsePrivateKeyPem(text)
    if (signers.size >= mostKeys) signers.clear()
    signers.set(text, key)
    const max = flags.number('service-account-max-token-expiration')
    const kid = keyId(key)
    return { sign: (claims) => signJwt(key, claims, kid, process.keys), extend: flags.bool('service-account-extend-token-expiration'), ...(max > 0 ? { maxExpirationSeconds: max / 1000 } : {}) }
  } catch {
    throw new StartError(`failed to parse service-account-issuer-key-file: data does not contain a valid RSA or ECDSA private key`)
  }
}
