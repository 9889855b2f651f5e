/** Options of Windows containers: who runs them, and host process containers. */
import { invalid } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { dnsSubdomain } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { checkName } from './errors'
import type { Errors } from './errors'

const credentialKib = 64
const longestDomain = 256
const longestUser = 104
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const domainName = /^[a-zA-Z0-9][a-zA-Z0-9-]*(\.[a-zA-Z0-9-]+)*$/
const userForbidden = /["/\\:;|=,+*?<>@[\]]/

export function validateWindowsOptions(errors: Errors, options: Free, path: FieldPath): void {
  if (!options) return
  const spec = options.gmsaCredentialSpec as string | undefined
  if (options.gmsaCredentialSpecName) checkName(errors, options.gmsaCredentialSpecName as string, dnsSubdomain, path.child('gmsaCredentialSpecName'))
  if (spec === '') errors.push(invalid(path.child('gmsaCredentialSpec'), spec, 'gmsaCredentialSpec cannot be an empty string'))
  if ((spec?.length ?? 0) > credentialKib * 1024) errors.push(invalid(path.child('gmsaCredentialSpec'), spec, `gmsaCredentialSpec size must be under ${credentialKib} KiB`))
  const user = options.runAsUserName as string | undefined
  if (user !== undefined && user !== null) for (const text of userComplaints(user)) errors.push(invalid(path.child('runAsUserName'), user, text))
}

function userComplaints(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
   
  if (/[\u0000-\u001F\u007F]/.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  return [...(parts.length === 2 ? domainComplaints(parts[0] ?? '') : []), ...accountComplaints(user)]
}

function domainComplaints(domain: string): string[] {
  const out: string[] = []
  if (domain.length >= longestDomain) out.push(`runAsUserName's Domain length must be under ${longestDomain} characters`)
  if (!netBiosName.test(domain) && !domainName.test(domain)) out.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  return out
}

function accountComplaints(user: string): string[] {
  if (user === '') return ["runAsUserName's User cannot be empty"]
  const out: string[] = []
  if (user.length > longestUser) out.push(`runAsUserName's User length must not be longer than ${longestUser} characters`)
  if (/^[. ]+$/.test(user)) out.push("runAsUserName's User cannot contain only periods or spaces")
  if (userForbidden.test(user)) out.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  return out
}

/** A pod has host process containers only, and then also the host's network. */
export function validateHostProcess(errors: Errors, spec: Free, path: FieldPath): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess as boolean | undefined
  const values = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((kind) => listOf(spec[kind]).map((container, index) => ({ at: path.child(kind).index(index), value: container.securityContext?.windowsOptions?.hostProcess as boolean | undefined })))
  for (const { at, value } of values) {
    if (ofPod !== undefined && value !== undefined && value !== ofPod) errors.push(invalid(at.child('securityContext', 'windowsOptions', 'hostProcess'), value, `pod hostProcess value must be identical if both are specified, was ${ofPod}`))
  }
  const hosted = values.filter(({ value }) => value ?? ofPod ?? false).length
  if (hosted === 0) return
  if (hosted < values.length) errors.push(invalid(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  if (spec.hostNetwork !== true) errors.push(invalid(path.child('hostNetwork'), false, 'hostNetwork must be true if pod contains any hostProcess containers'))
}
