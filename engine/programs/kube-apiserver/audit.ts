/** --audit-policy-file and --audit-log-path. */
import { parseYaml } from '#engine/base/yaml/parser'
import { AuditPolicy, auditLine, type PolicyDocument } from '#engine/apiserver/audit/policy'
import type { AuditSink } from '#engine/apiserver/audit/audit'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'

export function auditOf(process: Process, flags: Flags): AuditSink | undefined {
  const policyFile = flags.string('audit-policy-file')
  const path = flags.string('audit-log-path')
  if (policyFile === '') return undefined
  const policy = new AuditPolicy(readPolicy(process, policyFile))
  if (path === '') return undefined
  const write = path === '-' ? (line: string): void => void process.stdout.write(line).catch(() => undefined) : appender(process, flags, path)
  return (record) => {
    for (const line of auditLine(policy, record, process.clock.now(), process.random)) write(line)
  }
}

function readPolicy(process: Process, path: string): PolicyDocument {
  const text = readText(process, path)
  let document: unknown
  try {
    document = parseYaml(text)
  } catch (error) {
    throw new StartError(`loading audit policy file: failed decoding: error converting YAML to JSON: ${(error as Error).message}: from file ${path}`)
  }
  const policy = document as Partial<PolicyDocument> | null
  if (!policy || policy.kind !== 'Policy' || policy.apiVersion !== 'audit.k8s.io/v1') throw new StartError(`loading audit policy file: failed decoding: no kind ${JSON.stringify(policy?.kind ?? '')} is registered for version ${JSON.stringify(policy?.apiVersion ?? '')} in scheme "pkg/audit/scheme.go:30": from file ${path}`)
  if (!policy.rules?.length) throw new StartError(`loading audit policy file: loaded illegal policy with 0 rules from file ${path}`)
  return policy as PolicyDocument
}

function appender(process: Process, flags: Flags, path: string): (line: string) => void {
  const maxBytes = flags.number('audit-log-maxsize') * 1024 * 1024
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/', 0o700)
  if (!process.files.exists(path)) process.files.writeFile(path, '', 0o600)
  return (line) => {
    if (maxBytes > 0 && (process.files.exists(path)?.size ?? 0) + line.length > maxBytes) process.files.rename(path, `${path.replace(/\.log$/, '')}-${new Date(process.clock.now()).toISOString().replace(/[:.]/g, '-')}.log`)
    process.files.appendFile(path, line)
  }
}
