/** Whether the kubeconfig that a kubelet finds is one it can go on with, and its words where it is not. */
import { parseCertificatesPem } from '#engine/base/pki/certificate'
import type { Klog } from '#engine/base/klog'
import { clientConfigFromFile } from '#engine/client/config'
import { errorText } from '#engine/cri/rpc'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

/** No file is no fault: then a bootstrap kubeconfig is looked for. */
export function hasValidKubeconfig(process: Process, path: string, klog: Klog): boolean {
  if (!process.files.exists(path)) return false
  const complain = (source: string, text: string): false => {
    klog.error(source, text, 'Unhandled Error', { logger: 'UnhandledError' })
    return false
  }
  try {
    const config = clientConfigFromFile((name) => process.files.readText(name), path)
    if (config.token || config.tokenFile) return true
    if (!config.certificate) return complain('bootstrap.go:257', `unable to read TLS certificates from existing bootstrap client config read from ${path}: data does not contain any valid RSA or ECDSA certificates`)
    const certificates = parseCertificatesPem('file' in config.certificate ? process.files.readText(config.certificate.file) : config.certificate.data)
    const expired = certificates.find((certificate) => certificate.notAfter <= process.clock.now())
    return expired ? complain('bootstrap.go:266', `part of the existing bootstrap client certificate in ${path} is expired: ${goDate(expired.notAfter)}`) : true
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return complain('bootstrap.go:241', `unable to read existing bootstrap client config from ${path}: ${reason(error, path)}`)
  }
}

function reason(error: unknown, path: string): string {
  if (!isErrno(error)) return errorText(error).replace(/^(?!invalid configuration|error loading config file)/, 'invalid configuration: ')
  const missing = error.subject ?? path
  const why = `due to open ${missing}: ${error.message.toLowerCase()}`
  return `invalid configuration: [unable to read client-cert ${missing} for default-auth ${why}, unable to read client-key ${missing} for default-auth ${why}]`
}

function goDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`
}
