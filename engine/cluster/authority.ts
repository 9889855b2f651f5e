/**
 * The public authority of the simulated internet: every machine's /etc/ssl/certs trusts it. Derived from a fixed seed, so
 * that disks made at different times and places agree on it; it protects nothing.
 */
import { certificatePem } from '#engine/base/pki/certificate'
import { issueCertificate, randomSerial, selfSignedAuthority, type Authority } from '#engine/base/pki/issue'
import { generateEc, privateKeyPem, publicOf } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { SeededRandom } from '#engine/base/random'

const validity = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2060, 0, 1) }
let made: Authority | undefined

export function internetAuthority(): Authority {
  if (made) return made
  const random = new SeededRandom('internet authority')
  const key = generateEc('P-256', random)
  made = { key, certificate: selfSignedAuthority('Seatrial Internet Root', key, { ...validity, random }) }
  return made
}

interface Identity {
  readonly certificate: string
  readonly key: string
}

const identities = new Map<string, Identity>()

/** PEM of a serving certificate and its key for the given names. */
export function internetIdentity(names: readonly string[]): Identity {
  const known = identities.get(names.join()) ?? makeIdentity(names)
  identities.set(names.join(), known)
  return known
}

function makeIdentity(names: readonly string[]): Identity {
  const random = new SeededRandom('internet identity')
  const key = generateEc('P-256', random)
  const certificate = issueCertificate(internetAuthority(), {
    subject: goName({ commonName: names[0] ?? 'internet' }), publicKey: publicOf(key), usages: ['serverAuth'], dns: names, ...validity, serial: randomSerial(random),
  })
  return { certificate: certificatePem(certificate), key: privateKeyPem(key) }
}
