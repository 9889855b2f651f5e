/** The command that joins a machine, with the hash that pins the cluster's authority. */
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '#engine/base/bytes'
import { parseCertificatePem } from '#engine/base/pki/certificate'
import { encodePublicKey } from '#engine/base/pki/keys'
import { server, type ControlPlane } from './control-plane'
import type { Session } from './session'

/** `sha256:` and the hash of the certificate's public key (SPKI, RFC 7469). */
export function publicKeyHash(pem: string): string {
  return `sha256:${toHex(sha256(encodePublicKey(parseCertificatePem(pem).publicKey)))}`
}

export function joinCommand(session: Session, plane: ControlPlane, token: string, separator = ' '): string {
  const authority = session.process.files.readText(`${plane.cluster.certificatesDir}/ca.crt`)
  return `kubeadm join ${server(plane).replace('https://', '')} --token ${token}${separator}--discovery-token-ca-cert-hash ${publicKeyHash(authority)} `
}
