/** TLS bootstrap: with a bootstrap kubeconfig the kubelet asks for its own client certificate, and writes its kubeconfig. */
import type { CertificateSigningRequest } from '#engine/api/kinds'
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { generateEc, type PrivateKey, privateKeyPem } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { buildRequest, requestPem } from '#engine/base/pki/request'
import { Client } from '#engine/client/client'
import { clientConfigFromFile } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import { parseKubeconfig } from '#engine/client/kubeconfig'
import { certificateSigningRequests } from '#engine/client/resources'
import { errorText } from '#engine/cri/rpc'
import type { Klog } from '#engine/base/klog'
import type { Process } from '#engine/linux/abi/process'
import { type KubeletFlags, KubeletStartError } from '../config/config'
import { hasValidKubeconfig } from './existing'
import { currentPem, writePem } from './store'
import { emitYaml } from '#engine/base/yaml/emit'

export interface BootstrapInputs { readonly process: Process; readonly flags: KubeletFlags; readonly klog: Klog; readonly nodeName: string }


/** Undefined where the kubelet has its certificate; else what gets it one, while everything else begins. */
export function bootstrapClient(inputs: BootstrapInputs): (() => Promise<void>) | undefined {
  const { process, flags, klog } = inputs
  const { files } = process
  if (hasValidKubeconfig(process, flags.kubeconfig, klog)) return undefined
  if (!files.exists(flags.bootstrapKubeconfig)) throw new KubeletStartError(`failed to run Kubelet: unable to load bootstrap kubeconfig: stat ${flags.bootstrapKubeconfig}: no such file or directory`)
  const text = files.readText(flags.bootstrapKubeconfig)
  const bootstrap = clientConfigFromFile((path) => files.readText(path), flags.bootstrapKubeconfig)
  const client = new Client(dialTransport(bootstrap, process.net, (path) => files.readText(path), { wordFailures: true }), { userAgent: 'kubelet/v1.35.4 (linux/amd64) kubernetes/bootstrap' })
  klog.info('bootstrap.go:101', 'Using bootstrap kubeconfig to generate TLS client cert, key and kubeconfig file')
  return async () => {
    const key = generateEc('P-256', process.random)
    const certificate = await request(inputs, client, key)
    writePem(process, flags, 'client', certificate, privateKeyPem(key, 'traditional'))
    writeKubeconfig(process, flags, text)
  }
}

/** Asks until the certificate is there; while the server does not answer, again and again. */
async function request(inputs: BootstrapInputs, client: Client, key: PrivateKey): Promise<string> {
  const { process, klog, nodeName } = inputs
  const csr: CertificateSigningRequest = {
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { generateName: 'csr-' },
    spec: { request: toBase64(encodeUtf8(requestPem(buildRequest(goName({ commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }), key, [])))), signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] },
  } as CertificateSigningRequest
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      const created = await client.of(certificateSigningRequests).create(csr)
      return await approved(inputs, client, created)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      klog.error('bootstrap.go:265', errorText(error), 'Failed while requesting a signed certificate from the control plane')
      await process.clock.sleep(pause)
    }
  }
}

async function approved(inputs: BootstrapInputs, client: Client, csr: CertificateSigningRequest): Promise<string> {
  const name = csr.metadata.name ?? ''
  const abort = new AbortController()
  const requests = client.of(certificateSigningRequests)
  const events = await requests.watch('', { fieldSelector: `metadata.name=${name}`, resourceVersion: '0', signal: abort.signal })
  try {
    for await (const event of events) {
      const { status } = event.object as CertificateSigningRequest
      const denied = status?.conditions?.find((condition) => condition.type === 'Denied' || condition.type === 'Failed')
      if (denied) throw new Error(`certificate signing request is ${denied.type.toLowerCase()}, reason: ${denied.reason ?? ''}, message: ${denied.message ?? ''}`)
      if (status?.certificate) return decodeUtf8(fromBase64(status.certificate))
    }
  } finally {
    abort.abort()
  }
  inputs.klog.info('csr.go:274', `certificate signing request ${name} is still pending`)
  throw new Error('watch closed before the certificate was issued')
}

/** A kubeconfig that holds its certificate itself: the kubelet keeps a copy where rotation will put the next. */
export function keepEmbeddedCertificate(process: Process, flags: KubeletFlags): boolean {
  if (process.files.exists(currentPem(flags, 'client')) || !process.files.exists(flags.kubeconfig)) return false
  const { certificate, key } = clientConfigFromFile((path) => process.files.readText(path), flags.kubeconfig)
  if (!certificate || !key || !('data' in certificate) || !('data' in key)) return false
  writePem(process, flags, 'client', certificate.data, key.data)
  return true
}

/** The cluster of the bootstrap file, and the new certificate. */
function writeKubeconfig(process: Process, flags: KubeletFlags, bootstrap: string): void {
  const config = parseKubeconfig(bootstrap, flags.bootstrapKubeconfig)
  const context = config.contexts.find((item) => item.name === config['current-context']) ?? config.contexts[0]
  const cluster = config.clusters.find((item) => item.name === context?.context.cluster) ?? config.clusters[0]
  const out = {
    apiVersion: 'v1',
    clusters: [{ cluster: cluster?.cluster ?? {}, name: 'default-cluster' }],
    contexts: [{ context: { cluster: 'default-cluster', namespace: 'default', user: 'default-auth' }, name: 'default-context' }],
    'current-context': 'default-context',
    kind: 'Config',
    users: [{ name: 'default-auth', user: { 'client-certificate': currentPem(flags, 'client'), 'client-key': currentPem(flags, 'client') } }],
  }
  process.files.writeFile(flags.kubeconfig, emitYaml(out), 0o600)
}
