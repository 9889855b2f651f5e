/** --authorization-config and --authentication-config: what flags say otherwise, in files. */
import { parseYaml } from '#engine/base/yaml/parser'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'
import { modes } from './flag-checks'

interface Document {
  readonly apiVersion?: string
  readonly kind?: string
}

const versions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`)

function read<T extends Document>(process: Process, path: string, kind: string, failed: (words: string) => StartError): T {
  let document: T
  try {
    document = (parseYaml(readText(process, path)) ?? {}) as T
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error))
  }
  if (document.kind !== kind || !versions.includes(document.apiVersion ?? '')) throw failed(`no kind ${JSON.stringify(document.kind ?? '')} is registered for version ${JSON.stringify(document.apiVersion ?? '')}`)
  return document
}

const authorizerTypes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook']

/** Authorization modes, in order. */
export function authorizationModes(process: Process, flags: Flags): readonly string[] {
  const path = flags.string('authorization-config')
  if (path === '') return modes(flags)
  const failed = (words: string): StartError => new StartError(`failed to load AuthorizationConfiguration from file: ${words}`)
  const { authorizers = [] } = read<Document & { authorizers?: { type?: string; name?: string }[] }>(process, path, 'AuthorizationConfiguration', failed)
  if (authorizers.length === 0) throw failed('authorizers: Required value: at least one authorization mode must be defined')
  for (const [index, { type = '', name = '' }] of authorizers.entries()) {
    if (type === '') throw failed(`authorizers[${index}].type: Required value`)
    if (!authorizerTypes.includes(type)) throw failed(`authorizers[${index}].type: Unsupported value: ${JSON.stringify(type)}: supported values: ${authorizerTypes.map((item) => JSON.stringify(item)).join(', ')}`)
    if (name === '') throw failed(`authorizers[${index}].name: Required value`)
    if (type === 'Webhook' || type === 'ABAC') throw new StartError(`authorization-mode ${type} is not supported by this simulated server`)
  }
  return authorizers.map((item) => item.type ?? '')
}

export interface Anonymous {
  readonly allowed: boolean
  /** Nobody in particular may ask for these alone. */
  readonly paths?: readonly string[]
}

export function anonymousOf(process: Process, flags: Flags): Anonymous {
  const byFlag = flags.bool('anonymous-auth') && !(modes(flags).length === 1 && modes(flags)[0] === 'AlwaysAllow' && flags.string('authorization-config') === '')
  const path = flags.string('authentication-config')
  if (path === '') return { allowed: byFlag }
  const failed = (words: string): StartError => new StartError(`failed to load AuthenticationConfiguration from file: ${words}`)
  const { anonymous, jwt = [] } = read<Document & { anonymous?: { enabled?: boolean; conditions?: { path?: string }[] }; jwt?: unknown[] }>(process, path, 'AuthenticationConfiguration', failed)
  if (jwt.length > 0) throw new StartError('JWT authenticators are not supported by this simulated server')
  if (!anonymous) return { allowed: byFlag }
  if (flags.changed('anonymous-auth')) throw new StartError('--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file')
  const paths = anonymous.conditions?.map((condition) => condition.path ?? '')
  return { allowed: anonymous.enabled === true, ...(paths?.length ? { paths } : {}) }
}
