/** The PEM in `spec.request` and `status.certificate` of a certificate signing request. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { commonName, organizations } from '#engine/base/pki/name'
import { parseCertificate } from '#engine/base/pki/certificate'
import { decodePem } from '#engine/base/pki/pem'
import { parseRequest } from '#engine/base/pki/request'

export interface ReadRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
}

export function parseCertificateRequest(base64: string): ReadRequest | { readonly error: string } {
  let text: string
  try {
    text = decodeUtf8(fromBase64(base64))
  } catch {
    return { error: 'PEM block type must be CERTIFICATE REQUEST' }
  }
  const block = decodePem(text)[0]
  if (block?.label !== 'CERTIFICATE REQUEST') return { error: 'PEM block type must be CERTIFICATE REQUEST' }
  try {
    const { subject } = parseRequest(block.bytes)
    return { commonName: commonName(subject), organizations: organizations(subject) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** What is wrong with a signed certificate; undefined when nothing is. */
export function certificateProblem(base64: string): string | undefined {
  const text = decodeUtf8(fromBase64(base64))
  const blocks = decodePem(text)
  const stranger = blocks.find(({ label }) => label !== 'CERTIFICATE')
  if (stranger) return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(stranger.label)}`
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  if (/^-----BEGIN CERTIFICATE-----\r?\n[\w-]+:/m.test(text)) return 'no PEM block headers are permitted'
  for (const { bytes } of blocks) {
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    try {
      parseCertificate(bytes)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}
