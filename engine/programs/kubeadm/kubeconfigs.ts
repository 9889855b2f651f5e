/** The kubeconfig files of a control plane, each with a client certificate of its own. */
import { toBase64, encodeUtf8 } from '#engine/base/bytes'
import { certificatePem } from '#engine/base/pki/certificate'
import { privateKeyPem } from '#engine/base/pki/keys'
import { emitYaml } from '#engine/base/yaml/emit'
import { issueClient, newKey, readAuthority, type CertificateContext, type Identity } from './certificates'

export interface KubeconfigSpec {
  readonly name: string
  readonly file: string
  readonly user: string
  readonly organizations: readonly string[]
}

export function kubeconfigSpecs(nodeName: string): readonly KubeconfigSpec[] {
  return [
    { name: 'admin', file: 'admin.conf', user: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] },
    { name: 'super-admin', file: 'super-admin.conf', user: 'kubernetes-super-admin', organizations: ['system:masters'] },
    { name: 'kubelet', file: 'kubelet.conf', user: `system:node:${nodeName}`, organizations: ['system:nodes'] },
    { name: 'controller-manager', file: 'controller-manager.conf', user: 'system:kube-controller-manager', organizations: [] },
    { name: 'scheduler', file: 'scheduler.conf', user: 'system:kube-scheduler', organizations: [] },
  ]
}

export interface KubeconfigUser {
  readonly certificate?: string
  readonly key?: string
  readonly certificateFile?: string
  readonly keyFile?: string
  readonly token?: string
}

/** A kubeconfig with one cluster, user and context, as kubeadm lays it out. */
export function kubeconfigYaml(options: { clusterName: string; server: string; authority?: string; user: string; credentials: KubeconfigUser }): string {
  const { clusterName, server, authority, user, credentials } = options
  const context = `${user}@${clusterName}`
  return emitYaml({
    apiVersion: 'v1',
    clusters: [{ cluster: { ...(authority === undefined ? {} : { 'certificate-authority-data': base64(authority) }), server }, name: clusterName }],
    contexts: [{ context: { cluster: clusterName, user }, name: context }],
    'current-context': context,
    kind: 'Config',
    users: [{ name: user, user: userFields(credentials) }],
  }, { width: 0 })
}

/** A kubeconfig whose user has a certificate just issued by the cluster's authority. */
export function issueKubeconfig(context: CertificateContext, server: string, user: string, organizations: readonly string[]): string {
  const authorityPath = `${context.cluster.certificatesDir}/ca`
  const authority = readAuthority(context.process, authorityPath)
  const key = newKey(context.process)
  const identity: Identity = { commonName: user, organizations, usages: ['clientAuth'] }
  const certificate = issueClient(context, authority, key, identity)
  return kubeconfigYaml({
    clusterName: context.cluster.clusterName,
    server,
    authority: context.process.files.readText(`${authorityPath}.crt`),
    user,
    credentials: { certificate: certificatePem(certificate), key: privateKeyPem(key, 'traditional') },
  })
}

function userFields(user: KubeconfigUser): Record<string, string> {
  return {
    ...(user.certificateFile ? { 'client-certificate': user.certificateFile } : {}),
    ...(user.keyFile ? { 'client-key': user.keyFile } : {}),
    ...(user.certificate ? { 'client-certificate-data': base64(user.certificate) } : {}),
    ...(user.key ? { 'client-key-data': base64(user.key) } : {}),
    ...(user.token ? { token: user.token } : {}),
  }
}

function base64(text: string): string {
  return toBase64(encodeUtf8(text))
}
