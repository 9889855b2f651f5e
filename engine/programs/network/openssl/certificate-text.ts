/** `openssl x509 -text`. */
import type { Certificate } from '#engine/base/pki/certificate'
import { fromHex } from '#engine/base/bytes'
import { extensionText, hexBlock, keyAlgorithmName, printName, printTime, publicKeyText, serialHex } from './text'

export function certificateText(certificate: Certificate): string {
  const small = certificate.serial < 1n << 63n
  const serial = small ? ` ${certificate.serial} (0x${certificate.serial.toString(16)})\n` : `\n            ${hexBlock(fromHex(serialHex(certificate.serial)), '', 32)}`
  const extensions = certificate.extensions.length === 0 ? '' : `        X509v3 extensions:\n${certificate.extensions.map((each) => extensionText(each, '            ')).join('')}`
  return `Certificate:
    Data:
        Version: ${certificate.version} (0x${certificate.version - 1})
        Serial Number:${serial}        Signature Algorithm: ${certificate.signatureAlgorithm.name}
        Issuer: ${printName(certificate.issuer)}
        Validity
            Not Before: ${printTime(certificate.notBefore)}
            Not After : ${printTime(certificate.notAfter)}
        Subject: ${printName(certificate.subject)}
        Subject Public Key Info:
            Public Key Algorithm: ${keyAlgorithmName(certificate.publicKey)}
${publicKeyText(certificate.publicKey, '                ')}${extensions}    Signature Algorithm: ${certificate.signatureAlgorithm.name}
    Signature Value:
${hexBlock(certificate.signature, '        ', 18)}`
}
