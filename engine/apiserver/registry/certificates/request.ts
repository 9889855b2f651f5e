/** The PEM in `spec.request` of a certificate signing request. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { commonName, organizations } from '#engine/base/pki/name'
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
