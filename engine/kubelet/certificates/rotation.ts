/** Renews the client certificate when most of its life is over, by a request that the cluster signs. */
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
import { writeClientPem } from './bootstrap'

const firstRetryMs = 500
const longestRetryMs = 32_000

export class ClientRotation {
  constructor(
    private readonly context: KubeletContext,
    private readonly client: Client,
  ) {}

  /** `borrowed`: the certificate is the one of the kubeconfig, and the kubelet wants one of its own at once. */
  start(borrowed: boolean): void {
    this.context.process.background(async () => {
      if (borrowed) await this.rotate()
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
    const path = `${flags.certDirectory}/kubelet-client-current.pem`
    if (!process.files.exists(path)) return undefined
    const [certificate] = parseCertificatesPem(process.files.readText(path))
    if (!certificate) return undefined
    const share = 0.7 + process.random.fork(`rotation/${String(certificate.serial)}`).next() * 0.2
    return certificate.notBefore + (certificate.notAfter - certificate.notBefore) * share
  }

  private async rotate(): Promise<void> {
    const { klog, clock } = this.context
    klog.info('certificate_manager.go:566', 'Rotating certificates', { logger: 'kubernetes.io/kube-apiserver-client-kubelet' })
    for (let pause = firstRetryMs; ; pause = Math.min(pause * 2, longestRetryMs)) {
      try {
        await this.renew()
        return klog.info('certificate_manager.go:356', 'Certificate rotated', { logger: 'kubernetes.io/kube-apiserver-client-kubelet' })
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        klog.error('certificate_manager.go:596', `cannot create certificate signing request: ${errorText(error)}`, 'Failed while requesting a signed certificate from the control plane', { logger: 'kubernetes.io/kube-apiserver-client-kubelet.UnhandledError' })
        await clock.sleep(pause)
      }
    }
  }

  private async renew(): Promise<void> {
    const { process, flags, nodeName } = this.context
    const key = generateEc('P-256', process.random)
    const request = toBase64(encodeUtf8(requestPem(buildRequest(goName({ commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }), key, []))))
    const requests = this.client.of(certificateSigningRequests)
    const created = await requests.create({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { generateName: 'csr-' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] } } as CertificateSigningRequest)
    writeClientPem(process, flags, await this.issued(created.metadata.name ?? ''), privateKeyPem(key, 'traditional'))
  }

  private async issued(name: string): Promise<string> {
    const abort = new AbortController()
    try {
      for await (const { object } of await this.client.of(certificateSigningRequests).watch('', { fieldSelector: `metadata.name=${name}`, resourceVersion: '0', signal: abort.signal })) {
        const certificate = (object as CertificateSigningRequest).status?.certificate
        if (certificate) return decodeUtf8(fromBase64(certificate))
      }
    } finally {
      abort.abort()
    }
    throw new Error(`certificate signing request ${name} was not signed`)
  }
}
