/** Mode `Node`: a kubelet reads what its pods need and writes what is its own. */
import type { AuthorizationAttributes, AuthorizationDecision, Authorizer } from '#engine/apiserver/authorization/authorizer'
import { ruleAllows } from '#engine/apiserver/authorization/rbac/rules'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ObjectReader } from '#engine/apiserver/services'
import { isRelated } from './relations'
import type { Kind } from './relations'
import { nodeRules } from './rules'

const allow: AuthorizationDecision = { decision: 'allow', reason: '' }
const refuse = (reason: string): AuthorizationDecision => ({ decision: 'no-opinion', reason })

/** The node a user is the kubelet of: '' for one of the group without a name, undefined for all others. */
export function nodeOf(user: UserInfo): string | undefined {
  if (!user.groups.includes('system:nodes') || !user.username.startsWith('system:node:')) return undefined
  return user.username.slice('system:node:'.length)
}

type Attributes = AuthorizationAttributes

export class NodeAuthorizer implements Authorizer {
  private readonly special: Readonly<Record<string, (node: string, attributes: Attributes) => Promise<AuthorizationDecision> | AuthorizationDecision>> = {
    '/secrets': (node, attributes) => this.read(node, 'secret', attributes),
    '/configmaps': (node, attributes) => this.read(node, 'configmap', attributes),
    '/persistentvolumeclaims': (node, attributes) => attributes.subresource === 'status' ? this.updateStatus(node, attributes) : this.get(node, 'persistentvolumeclaim', attributes),
    '/persistentvolumes': (node, attributes) => this.get(node, 'persistentvolume', attributes),
    'resource.k8s.io/resourceclaims': (node, attributes) => this.get(node, 'resourceclaim', attributes),
    'storage.k8s.io/volumeattachments': (node, attributes) => this.get(node, 'volumeattachment', attributes),
    '/serviceaccounts': (node, attributes) => this.token(node, attributes),
    'coordination.k8s.io/leases': lease,
    'storage.k8s.io/csinodes': csiNode,
    'resource.k8s.io/resourceslices': resourceSlice,
    '/nodes': nodeObject,
    '/pods': (node, attributes) => this.pod(node, attributes),
  }

  constructor(private readonly reader: ObjectReader) {}

  authorize(attributes: Attributes): Promise<AuthorizationDecision> | AuthorizationDecision {
    const node = nodeOf(attributes.user)
    if (node === undefined) return refuse('')
    if (node === '') return refuse(`unknown node for user ${JSON.stringify(attributes.user.username)}`)
    const special = attributes.isResource ? this.special[`${attributes.group}/${attributes.resource}`] : undefined
    return special ? special(node, attributes) : byRules(attributes)
  }

  private async read(node: string, kind: Kind, attributes: Attributes): Promise<AuthorizationDecision> {
    if (!['get', 'list', 'watch'].includes(attributes.verb)) return refuse('can only read resources of this type')
    if (attributes.subresource !== '') return refuse('cannot read subresource')
    if (attributes.namespace === '') return refuse('can only read namespaced object of this type')
    return this.related(node, kind, attributes)
  }

  private async get(node: string, kind: Kind, attributes: Attributes): Promise<AuthorizationDecision> {
    if (attributes.verb !== 'get') return refuse('can only get individual resources of this type')
    if (attributes.subresource !== '') return refuse('cannot get subresource')
    return this.related(node, kind, attributes)
  }

  private async updateStatus(node: string, attributes: Attributes): Promise<AuthorizationDecision> {
    if (!['update', 'patch'].includes(attributes.verb)) return refuse('can only get/update/patch this type')
    return this.related(node, 'persistentvolumeclaim', attributes)
  }

  private async token(node: string, attributes: Attributes): Promise<AuthorizationDecision> {
    if (attributes.verb === 'get' && attributes.subresource === '') return this.related(node, 'serviceaccount', attributes)
    if (attributes.verb !== 'create' || attributes.subresource !== 'token' || attributes.name === '') return refuse('can only create tokens for individual service accounts')
    return this.related(node, 'serviceaccount', attributes)
  }

  private async pod(node: string, attributes: Attributes): Promise<AuthorizationDecision> {
    if (attributes.subresource !== '' || !['get', 'list', 'watch'].includes(attributes.verb)) return byRules(attributes)
    if (attributes.verb === 'get') return this.related(node, 'pod', attributes)
    if (attributes.name !== '' && (await isRelated(this.reader, node, 'pod', attributes.namespace, attributes.name))) return allow
    const ours = attributes.fieldSelector?.some((item) => item.field === 'spec.nodeName' && item.operator === '=' && item.value === node)
    return ours ? allow : refuse('can only list/watch pods with spec.nodeName field selector')
  }

  private async related(node: string, kind: Kind, attributes: Attributes): Promise<AuthorizationDecision> {
    if (attributes.name === '') return refuse('No Object name found')
    const found = await isRelated(this.reader, node, kind, attributes.namespace, attributes.name)
    return found ? allow : refuse(`no relationship found between node '${node}' and this object`)
  }
}

function byRules(attributes: Attributes): AuthorizationDecision {
  return nodeRules.some((rule) => ruleAllows(rule, attributes)) ? allow : refuse('')
}

const ownVerbs = ['get', 'create', 'update', 'patch', 'delete']

function lease(node: string, attributes: Attributes): AuthorizationDecision {
  if (!ownVerbs.includes(attributes.verb)) return refuse('can only get, create, update, patch, or delete a node lease')
  if (attributes.namespace !== 'kube-node-lease') return refuse('can only access leases in the "kube-node-lease" system namespace')
  if (attributes.verb !== 'create' && attributes.name !== node) return refuse('can only access node lease with the same name as the requesting node')
  return allow
}

function csiNode(node: string, attributes: Attributes): AuthorizationDecision {
  if (!ownVerbs.includes(attributes.verb)) return refuse('can only get, create, update, patch, or delete a CSINode')
  if (attributes.subresource !== '') return refuse('cannot authorize CSINode subresources')
  if (attributes.verb !== 'create' && attributes.name !== node) return refuse('can only access CSINode with the same name as the requesting node')
  return allow
}

function resourceSlice(node: string, attributes: Attributes): AuthorizationDecision {
  if (attributes.subresource !== '') return refuse('cannot authorize ResourceSlice subresources')
  if (['get', 'create', 'update', 'patch', 'delete'].includes(attributes.verb)) return allow
  if (!['list', 'watch', 'deletecollection'].includes(attributes.verb)) return refuse('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection')
  const ours = attributes.fieldSelector?.some((item) => item.field === 'spec.nodeName' && item.operator === '=' && item.value === node)
  return ours ? allow : refuse('can only list/watch/deletecollection resourceslices with nodeName field selector')
}

function nodeObject(node: string, attributes: Attributes): AuthorizationDecision {
  if (attributes.subresource === '' && ['get', 'list', 'watch'].includes(attributes.verb) && attributes.name !== node) {
    if (attributes.name !== '') return refuse(`node '${node}' cannot read '${attributes.name}', only its own Node object`)
    const ours = attributes.fieldSelector?.some((item) => item.field === 'metadata.name' && item.operator === '=' && item.value === node)
    if (!ours) return refuse(`node '${node}' cannot read all nodes, only its own Node object`)
  }
  return byRules(attributes)
}
