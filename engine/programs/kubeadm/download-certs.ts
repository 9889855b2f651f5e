/** `download-certs`: what `upload-certs` left in the API, decrypted onto this machine's disk. */
import { gcm } from '@noble/ciphers/aes.js'
import { isReason } from '#engine/api/status'
import { fromBase64, fromHex } from '#engine/base/bytes'
import type { Client } from '#engine/client/client'
import { secrets } from '#engine/client/resources'
import { KubeadmError, type Session } from './session'

const files: Readonly<Record<string, string>> = { 'ca.crt': 'ca.crt', 'ca.key': 'ca.key', 'front-proxy-ca.crt': 'front-proxy-ca.crt', 'front-proxy-ca.key': 'front-proxy-ca.key', 'sa.pub': 'sa.pub', 'sa.key': 'sa.key', 'etcd-ca.crt': 'etcd/ca.crt', 'etcd-ca.key': 'etcd/ca.key' }

export async function downloadCertificates(session: Session, client: Client, directory: string, key: string): Promise<void> {
  if (key === '') return
  await session.say('[download-certs] Downloading the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace')
  const failed = (why: string): KubeadmError => new KubeadmError(`error downloading certs: ${why}`)
  if (!/^([0-9a-f]{2})+$/i.test(key)) throw failed(key.length % 2 === 1 ? 'error decoding certificate key: encoding/hex: odd length hex string' : 'error decoding certificate key: encoding/hex: invalid byte')
  const secret = await client.of(secrets).get('kube-system', 'kubeadm-certs').catch((error: unknown) => {
    if (isReason(error, 'NotFound')) throw failed('error downloading the secret: Secret "kubeadm-certs" was not found in the "kube-system" Namespace. This Secret might have expired. Please, run `kubeadm init phase upload-certs --upload-certs` on a control plane to generate a new one')
    throw failed(`error downloading the secret: ${(error as Error).message}`)
  })
  const data = (secret['data'] ?? {}) as Record<string, string>
  for (const [name, path] of Object.entries(files)) {
    const sealed = data[name]
    if (sealed === undefined) continue
    write(session, `${directory}/${path}`, unsealed(fromBase64(sealed), fromHex(key), failed))
  }
  await session.say(`[download-certs] Saving the certificates to the folder: "${directory}"`)
}

/** A nonce of twelve bytes, then AES-GCM. */
function unsealed(bytes: Uint8Array, key: Uint8Array, failed: (why: string) => KubeadmError): Uint8Array {
  try {
    return gcm(key, bytes.subarray(0, 12)).decrypt(bytes.subarray(12))
  } catch {
    throw failed('error decoding secret data with provided key: cipher: message authentication failed')
  }
}

function write({ process }: Session, path: string, bytes: Uint8Array): void {
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o755)
  process.files.writeFile(path, bytes, path.endsWith('.crt') || path.endsWith('.pub') ? 0o644 : 0o600)
}
