/** --audit-policy-file and --audit-log-path. */
import { parseYaml } from '#engine/base/yaml/parser'
import type { Auditing, AuditSink } from '#engine/apiserver/audit/auditor'
import type { AuditEvent } from '#engine/apiserver/audit/event'
import { AuditPolicy, type PolicyDocument } from '#engine/apiserver/audit/policy'
import { validatePolicy } from '#engine/apiserver/audit/validate'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'

export function auditOf(process: Process, flags: Flags): Auditing | undefined {
  const policyFile = flags.string('audit-policy-file')
  const path = flags.string('audit-log-path')
  if (policyFile === '') return undefined
  const policy = new AuditPolicy(readPolicy(process, policyFile))
  if (path === '') return undefined
  const write = path === '-' ? (line: string): void => void process.stdout.write(line).catch(() => undefined) : appender(process, flags, path)
  const format = flags.string('audit-log-format') === 'legacy' ? legacyLine : jsonLine
  const sink: AuditSink = (event) => write(format(event))
  return { policy, sink }
}

function jsonLine(event: AuditEvent): string {
  return `${JSON.stringify(event)}\n`
}

/** `--audit-log-format=legacy`: one line of words. */
function legacyLine(event: AuditEvent): string {
  const user = event.user as { username?: string; groups?: string[] }
  const impersonated = event['impersonatedUser'] as typeof user | undefined
  const reference = event['objectRef'] as { namespace?: string } | undefined
  const status = event['responseStatus'] as { code?: number } | undefined
  const groups = (list: readonly string[] | undefined): string => (list?.length ? list.map((group) => JSON.stringify(group)).join(',') : '<none>')
  const quoted = (text: string | undefined, absent: string): string => JSON.stringify(text ? text : absent)
  return `${String(event['requestReceivedTimestamp'])} AUDIT: id=${JSON.stringify(event.auditID)} stage=${JSON.stringify(event.stage)} ip=${quoted((event['sourceIPs'] as string[])[0], '<unknown>')} method=${JSON.stringify(event.verb)} user=${quoted(user.username, '<none>')} groups=${JSON.stringify(groups(user.groups))} as=${quoted(impersonated?.username, '<self>')} asgroups=${JSON.stringify(impersonated ? groups(impersonated.groups) : '<lookup>')} user-agent=${JSON.stringify(event['userAgent'] ?? '')} namespace=${quoted(reference?.namespace, '<none>')} uri=${JSON.stringify(event.requestURI)} response=${JSON.stringify(status?.code ? String(status.code) : '<deferred>')}\n`
}

function readPolicy(process: Process, path: string): PolicyDocument {
  const failed = (words: string): StartError => new StartError(`loading audit policy file: ${words}`)
  const policy = parsed(process, path, failed)
  if (policy.kind !== 'Policy' || policy.apiVersion !== 'audit.k8s.io/v1') {
    const [kind, version] = [policy.kind ?? '', policy.apiVersion ?? '']
    if (kind === '') throw failed(`failed decoding: Object 'Kind' is missing in '${JSON.stringify(policy)}': from file ${path}`)
    throw failed(`failed decoding: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme "k8s.io/apiserver/pkg/audit/scheme.go:30": from file ${path}`)
  }
  const errors = validatePolicy({ ...policy, rules: policy.rules ?? [] } as PolicyDocument).map((error) => `${error.field}: ${error.body}`)
  if (errors.length > 0) throw failed(`${errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`}: from file ${path}`)
  if (!policy.rules?.length) throw failed(`loaded illegal policy with 0 rules: from file ${path}`)
  return policy as PolicyDocument
}

function parsed(process: Process, path: string, failed: (words: string) => StartError): Partial<PolicyDocument> {
  let text: string
  try {
    text = readText(process, path)
  } catch (error) {
    if (error instanceof StartError) throw failed(`failed to read file path ${JSON.stringify(path)}: ${error.message}`)
    throw error
  }
  try {
    const value = parseYaml(text)
    return value !== null && typeof value === 'object' ? (value as Partial<PolicyDocument>) : {}
  } catch (error) {
    throw failed(`failed decoding: error converting YAML to JSON: ${(error as Error).message}: from file ${path}`)
  }
}

/** Appends to the log; a full one is put aside under the time of day, and of those only so many are kept. */
function appender(process: Process, flags: Flags, path: string): (line: string) => void {
  const maxBytes = flags.number('audit-log-maxsize') * 1024 * 1024
  const backups = flags.number('audit-log-maxbackup')
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  const [, stem = path, extension = ''] = /^(.*?)(\.[^./]*)?$/.exec(path) ?? []
  process.files.mkdirAll(folder, 0o700)
  if (!process.files.exists(path)) process.files.writeFile(path, '', 0o600)
  return (line) => {
    if (maxBytes > 0 && (process.files.exists(path)?.size ?? 0) + line.length > maxBytes) {
      process.files.rename(path, `${stem}-${new Date(process.clock.now()).toISOString().replace(/:/g, '-').replace('Z', '')}${extension}`)
      process.files.writeFile(path, '', 0o600)
      const old = process.files.readDirectory(folder).map((entry) => entry.name).filter((name) => `${folder}/${name}`.startsWith(`${stem}-`)).sort()
      if (backups > 0) for (const name of old.slice(0, Math.max(0, old.length - backups))) process.files.unlink(`${folder}/${name}`)
    }
    process.files.appendFile(path, line)
  }
}
