/** Certificates that the cluster signs for the kubelet: asked for when there is none, and renewed when most of their life is over. */
import { parseCertificatesPem } from '#engine/base/pki/certificate'
import { generateEc, privateKeyPem } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { buildRequest, requestPem } from '#engine/base/pki/request'
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { CertificateSigningRequest } from '#engine/api/kinds'
import type { Client } from '#engine/client/client'
import { certificateSigningRequests } from '#engine/client/resources'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { type Extension, subjectAltName } from '#engine/base/pki/extensions'
import { currentPem, type Purpose, writePem } from './store'

const firstRetryMs = 500
const longestRetryMs = 32_000

interface Kind {
  readonly signerName: string
  readonly usage: 'client auth' | 'server auth'
  extensions(context: KubeletContext): readonly Extension[]
}

const kinds: Readonly<Record<Purpose, Kind>> = {
  client: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usage: 'client auth', extensions: () => [] },
  server: { signerName: 'kubernetes.io/kubelet-serving', usage: 'server auth', extensions: ({ nodeName, nodeIps }) => [subjectAltName({ dns: [nodeName], ips: [...nodeIps] })] },
}

export class CertificateRotation {
  private readonly kind: Kind

  constructor(
    private readonly context: KubeletContext,
    private readonly client: Client,
    private readonly purpose: Purpose,
  ) {
    this.kind = kinds[purpose]
  }

  /** `atOnce`: there is none, or the one there is borrowed from a kubeconfig. */
  start(atOnce: boolean): void {
    this.context.process.background(async () => {
      if (atOnce) await this.rotate()
      for (;;) {
        const due = this.dueAt()
        if (due === undefined) return
        await this.context.clock.sleep(Math.max(0, due - this.context.clock.now()))
        await this.rotate()
      }
    })
  }

  /** Between 70 and 90 per cent of the certificate's life, the same for the same certificate. */
  private dueAt(): number | undefined {
    const { process, flags } = this.context
    const path = currentPem(flags, this.purpose)
    if (!process.files.exists(path)) return undefined
    const [certificate] = parseCertificatesPem(process.files.readText(path))
    if (!certificate) return undefined
    const share = 0.7 + process.random.fork(`rotation/${String(certificate.serial)}`).next() * 0.2
    return certificate.notBefore + (certificate.notAfter - certificate.notBefore) * share
  }

  private async rotate(): Promise<void> {
    const { klog, clock } = this.context
    klog.info('certificate_manager.go:566', 'Rotating certificates', { logger: this.kind.signerName })
    for (let pause = firstRetryMs; ; pause = Math.min(pause * 2, longestRetryMs)) {
      try {
        await this.renew()
        return klog.info('certificate_manager.go:356', 'Certificate rotated', { logger: this.kind.signerName })
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        klog.error('certificate_manager.go:596', `cannot create certificate signing request: ${errorText(error)}`, 'Failed while requesting a signed certificate from the control plane', { logger: `${this.kind.signerName}.UnhandledError` })
        await clock.sleep(pause)
      }
    }
  }

  private async renew(): Promise<void> {
    const { process, flags, nodeName } = this.context
    const { signerName, usage, extensions } = this.kind
    const key = generateEc('P-256', process.random)
    const request = toBase64(encodeUtf8(requestPem(buildRequest(goName({ commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }), key, extensions(this.context)))))
    const requests = this.client.of(certificateSigningRequests)
    const created = await requests.create({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { generateName: 'csr-' }, spec: { request, signerName, usages: ['digital signature', usage] } } as CertificateSigningRequest)
    writePem(process, flags, this.purpose, await this.issued(created.metadata.name ?? ''), privateKeyPem(key, 'traditional'))
  }

  private async issued(name: string): Promise<string> {
    const abort = new AbortController()
    try {
      for await (const { object } of await this.client.of(certificateSigningRequests).watch('', { fieldSelector: `metadata.name=${name}`, resourceVersion: '0', signal: abort.signal })) {
        const { certificate, conditions = [] } = (object as CertificateSigningRequest).status ?? {}
        const denied = conditions.find((condition) => condition.type === 'Denied' || condition.type === 'Failed')
        if (denied) throw new Error(`certificate signing request is ${denied.type.toLowerCase()}, reason: ${denied.reason ?? ''}, message: ${denied.message ?? ''}`)
        if (certificate) return decodeUtf8(fromBase64(certificate))
      }
    } finally {
      abort.abort()
    }
    throw new Error(`certificate signing request ${name} was not signed`)
  }
}
