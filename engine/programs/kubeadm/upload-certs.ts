/** `upload-certs`: the control plane's authorities and keys, encrypted, in a Secret that lives for two hours. */
import { gcm } from '@noble/ciphers/aes.js'
import type { KubeObject } from '#engine/api/object'
import { fromHex, toBase64, toHex } from '#engine/base/bytes'
import { secrets } from '#engine/client/resources'
import type { InitPlan } from './init-plan'
import { KubeadmError, type Session } from './session'
import { generateToken, tokenSecret } from './tokens'

const uploaded = ['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.pub', 'sa.key', 'etcd/ca.crt', 'etcd/ca.key']
const name = 'kubeadm-certs'
const rbac = 'rbac.authorization.k8s.io'

export async function uploadCertificates(session: Session, plan: InitPlan): Promise<void> {
  if (!plan.uploadCerts) return session.say('[upload-certs] Skipping phase. Please see --upload-certs')
  const key = plan.certificateKey === '' ? toHex(session.process.random.bytes(32)) : plan.certificateKey
  if (!/^([0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/.test(key)) throw new KubeadmError(`error uploading certs: error decoding certificate key: invalid length or digits of the key`)
  const client = session.client(plan.kubeconfig)
  await session.say(`[upload-certs] Storing the certificates in Secret "${name}" in the "kube-system" Namespace`)
  const token = tokenSecret({ token: generateToken(session.process.random), ttl: '2h0m0s', usages: [], groups: [], description: 'Proxy for managing TTL for the kubeadm-certs secret' }, session.process.clock.now())
  const owner = await client.of(secrets).create(token as never)
  const secret: KubeObject = {
    apiVersion: 'v1', kind: 'Secret',
    metadata: { name, namespace: 'kube-system', ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name: owner.metadata.name ?? '', uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }] },
    data: encrypted(session, plan.cluster.certificatesDir, key),
  }
  for (const object of [secret, ...rights()]) await session.apply(client, object)
  await session.say(`[upload-certs] Using certificate key:\n${plan.showCertificateKey ? key : ''}`)
}

/** Each file under its name with `/` as `-`: a nonce, then AES-GCM. */
function encrypted({ process }: Session, directory: string, key: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const file of uploaded) {
    const path = `${directory}/${file}`
    if (!process.files.exists(path)) throw new KubeadmError(`error uploading certs: open ${path}: no such file or directory`)
    const nonce = process.random.bytes(12)
    const sealed = gcm(fromHex(key), nonce).encrypt(process.files.readFile(path))
    const all = new Uint8Array(nonce.length + sealed.length)
    all.set(nonce)
    all.set(sealed, nonce.length)
    out[file.replace('/', '-')] = toBase64(all)
  }
  return out
}

function rights(): KubeObject[] {
  const role = 'kubeadm:kubeadm-certs'
  return [
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: role, namespace: 'kube-system' }, rules: [{ apiGroups: [''], resourceNames: [name], resources: ['secrets'], verbs: ['get'] }] },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: role, namespace: 'kube-system' }, roleRef: { apiGroup: rbac, kind: 'Role', name: role }, subjects: [{ apiGroup: rbac, kind: 'Group', name: 'system:bootstrappers:kubeadm:default-node-token' }] },
  ]
}
