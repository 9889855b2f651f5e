/** Configuration, rights and the public cluster-info that kubeadm init leaves in the API. */
import type { KubeObject } from '#engine/api/object'
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { emitYaml } from '#engine/base/yaml/emit'
import { clusterYaml, type ClusterConfiguration } from './configuration'

const rbac = 'rbac.authorization.k8s.io'
const joining = 'system:bootstrappers:kubeadm:default-node-token'

export function clusterAdminBinding(): KubeObject {
  return clusterRoleBinding('kubeadm:cluster-admins', 'cluster-admin', ['kubeadm:cluster-admins'])
}

/** `kubeadm-config` and who may read it. */
export function kubeadmConfigObjects(cluster: ClusterConfiguration): KubeObject[] {
  return [
    configMap('kube-system', 'kubeadm-config', { ClusterConfiguration: clusterYaml(cluster) }),
    ...readConfigMap('kubeadm:nodes-kubeadm-config', 'kube-system', 'kubeadm-config', [joining, 'system:nodes']),
  ]
}

export function kubeletConfigObjects(configuration: Record<string, unknown>): KubeObject[] {
  return [
    configMap('kube-system', 'kubelet-config', { kubelet: emitYaml(configuration) }),
    ...readConfigMap('kubeadm:kubelet-config', 'kube-system', 'kubelet-config', ['system:nodes', joining]),
  ]
}

/** Lets tokens post node CSRs and have them approved. */
export function bootstrapRights(): { readonly say: string; readonly objects: readonly KubeObject[] }[] {
  const getNodes: KubeObject = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'kubeadm:get-nodes' }, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] }
  const signing = 'system:certificates.k8s.io:certificatesigningrequests'
  return [
    { say: '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes', objects: [getNodes, clusterRoleBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', [joining])] },
    { say: '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials', objects: [clusterRoleBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [joining])] },
    { say: '[bootstrap-token] Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token', objects: [clusterRoleBinding('kubeadm:node-autoapprove-bootstrap', `${signing}:nodeclient`, [joining])] },
    { say: '[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the cluster', objects: [clusterRoleBinding('kubeadm:node-autoapprove-certificate-rotation', `${signing}:selfnodeclient`, ['system:nodes'])] },
  ]
}

/** What a joining machine reads before it trusts anything. */
export function clusterInfoObjects(server: string, authorityPem: string): KubeObject[] {
  const kubeconfig = emitYaml({
    apiVersion: 'v1',
    clusters: [{ cluster: { 'certificate-authority-data': toBase64(encodeUtf8(authorityPem)), server }, name: '' }],
    contexts: null,
    'current-context': '',
    kind: 'Config',
    users: null,
  }, { width: 0 })
  const name = 'kubeadm:bootstrap-signer-clusterinfo'
  const role = roleFor(name, 'kube-public', 'cluster-info')
  const binding: KubeObject = {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace: 'kube-public' },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'system:anonymous' }],
  }
  return [configMap('kube-public', 'cluster-info', { kubeconfig }), role, binding]
}

function configMap(namespace: string, name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

function readConfigMap(name: string, namespace: string, map: string, groups: readonly string[]): KubeObject[] {
  const binding: KubeObject = { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name, namespace }, roleRef: { apiGroup: rbac, kind: 'Role', name }, subjects: subjects(groups) }
  return [roleFor(name, namespace, map), binding]
}

function roleFor(name: string, namespace: string, map: string): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, namespace }, rules: [{ apiGroups: [''], resourceNames: [map], resources: ['configmaps'], verbs: ['get'] }] }
}

function clusterRoleBinding(name: string, role: string, groups: readonly string[]): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role }, subjects: subjects(groups) }
}

function subjects(groups: readonly string[]): { apiGroup: string; kind: string; name: string }[] {
  return groups.map((name) => ({ apiGroup: rbac, kind: 'Group', name }))
}
