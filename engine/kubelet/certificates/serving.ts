/** The serving certificate: given by the configuration, signed by the cluster (serverTLSBootstrap), or self-signed at the first start. */
import { generateRsa, privateKeyPem, publicOf } from '#engine/base/pki/keys'
import { certificatePem } from '#engine/base/pki/certificate'
import { issueCertificate, randomSerial, selfSignedAuthority } from '#engine/base/pki/issue'
import { goName } from '#engine/base/pki/name'
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { type KubeletConfig, type KubeletFlags, KubeletStartError } from '../config/config'
import { currentPem } from './store'

const yearMs = 365 * 24 * 3_600_000

export interface ServingFiles { readonly certificate: string; readonly key: string }

export function servingFiles(process: Process, config: KubeletConfig, flags: KubeletFlags, nodeName: string): ServingFiles {
  if (config.tlsCertFile !== '' && config.tlsPrivateKeyFile !== '') return given(process, config)
  if (config.serverTLSBootstrap) return { certificate: currentPem(flags, 'server'), key: currentPem(flags, 'server') }
  const out: ServingFiles = { certificate: `${flags.certDirectory}/kubelet.crt`, key: `${flags.certDirectory}/kubelet.key` }
  const { files, clock, random } = process
  if (files.exists(out.certificate) && files.exists(out.key)) return out
  const now = clock.now()
  const stamp = Math.floor(now / 1000)
  const authorityKey = generateRsa(2048, random, process.keys)
  const authority = selfSignedAuthority(`${nodeName}-ca@${stamp}`, authorityKey, { notBefore: now - 3_600_000, notAfter: now + yearMs, random })
  const key = generateRsa(2048, random, process.keys)
  const certificate = issueCertificate({ certificate: authority, key: authorityKey }, { subject: goName({ commonName: `${nodeName}@${stamp}` }), publicKey: publicOf(key), dns: [nodeName], notBefore: now - 3_600_000, notAfter: now + yearMs, usages: ['serverAuth'], serial: randomSerial(random) })
  files.mkdirAll(flags.certDirectory, 0o755)
  files.writeFile(out.certificate, certificatePem(certificate) + certificatePem(authority), 0o644)
  files.writeFile(out.key, privateKeyPem(key, 'traditional'), 0o600)
  return out
}

/** Files that the configuration names must be there from the start. */
function given(process: Process, { tlsCertFile, tlsPrivateKeyFile }: KubeletConfig): ServingFiles {
  for (const path of [tlsCertFile, tlsPrivateKeyFile]) {
    try {
      process.files.readText(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new KubeletStartError(`failed to run Kubelet: failed to create kubelet: failed to initialize file based certificate manager: open ${path}: ${error.message.toLowerCase()}`)
    }
  }
  return { certificate: tlsCertFile, key: tlsPrivateKeyFile }
}
