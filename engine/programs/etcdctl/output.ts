/** etcdctl's output forms: simple, fields, json and table. */
import type { KeyValue, Member, MemberStatus } from '#engine/etcd/api'
import { decodeUtf8, encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { EtcdctlError } from './connection'

export type Format = 'simple' | 'fields' | 'json' | 'table'

export function formatOf(text: string): Format {
  if (text === 'simple' || text === 'fields' || text === 'json' || text === 'table') return text
  throw new EtcdctlError(`unsupported output format: ${text}`, 128)
}

/** A table of olekukonko/tablewriter as etcdctl uses it: centred heads, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`
  const centre = (text: string, width: number): string => {
    const left = Math.floor((width - text.length) / 2)
    return ' '.repeat(left) + text + ' '.repeat(width - text.length - left)
  }
  const line = (cells: readonly string[], head_: boolean): string => `| ${cells.map((cell, column) => (head_ ? centre(cell, widths[column] ?? 0) : align(cell, widths[column] ?? 0))).join(' | ')} |\n`
  return rule + line(head, true) + rule + rows.map((row) => line(row, false)).join('') + rule
}

/** Numbers, percentages and booleans stand to the right, as etcdctl aligns them. */
function align(cell: string, width: number): string {
  return /^(\d+%?|true|false|[\d.]+ [kMGT]?B|\d+(\.\d+)?(ms|µs|s)|\d+\.\d+\.\d+)$/.test(cell) ? cell.padStart(width) : cell.padEnd(width)
}

export async function printPairs(process: Process, kvs: readonly KeyValue[], options: { format: Format; valueOnly: boolean; keysOnly: boolean; hex: boolean; header: unknown; count: number }): Promise<void> {
  if (options.format === 'json') {
    const body = { header: options.header, ...(kvs.length > 0 ? { kvs: kvs.map(jsonPair) } : {}), ...(options.count > 0 ? { count: options.count } : {}) }
    return process.stdout.write(`${JSON.stringify(body)}\n`)
  }
  if (options.format === 'fields') return process.stdout.write(fields(kvs, options.count))
  for (const kv of kvs) {
    const key = options.hex ? hexadecimal(encodeUtf8(kv.key)) : kv.key
    if (!options.valueOnly) await process.stdout.write(`${key}\n`)
    if (options.keysOnly) await process.stdout.write('\n')
    else {
      await process.stdout.write(options.hex ? hexadecimal(kv.value.bytes) : kv.value.bytes)
      await process.stdout.write('\n')
    }
  }
}

function jsonPair(kv: KeyValue): Record<string, unknown> {
  return {
    key: toBase64(encodeUtf8(kv.key)),
    create_revision: kv.createRevision,
    mod_revision: kv.modRevision,
    version: kv.version,
    value: toBase64(kv.value.bytes),
    ...(kv.lease === 0 ? {} : { lease: kv.lease }),
  }
}

function fields(kvs: readonly KeyValue[], count: number): string {
  const pairs = kvs.map((kv) => [`"Key" : ${JSON.stringify(kv.key)}`, `"CreateRevision" : ${kv.createRevision}`, `"ModRevision" : ${kv.modRevision}`, `"Version" : ${kv.version}`, `"Value" : ${JSON.stringify(decodeUtf8(kv.value.bytes))}`, `"Lease" : ${kv.lease}`, ''].join('\n'))
  return `${pairs.join('\n')}${pairs.length > 0 ? '\n' : ''}"More" : false\n"Count" : ${count}\n`
}

function hexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

export function memberRow(member: Member): string[] {
  return [member.id, member.name === '' ? 'unstarted' : 'started', member.name, member.peerUrls.join(','), member.clientUrls.join(','), String(member.isLearner)]
}

export const statusHead = ['ENDPOINT', 'ID', 'VERSION', 'STORAGE VERSION', 'DB SIZE', 'IN USE', 'PERCENTAGE NOT IN USE', 'QUOTA', 'IS LEADER', 'IS LEARNER', 'RAFT TERM', 'RAFT INDEX', 'RAFT APPLIED INDEX', 'ERRORS', 'DOWNGRADE TARGET VERSION', 'DOWNGRADE ENABLED']

export function statusRow(endpoint: string, status: MemberStatus): string[] {
  const unused = Math.floor((1 - status.dbSizeInUse / status.dbSize) * 100)
  return [
    endpoint, status.header.memberId, status.version, '3.6.0', humanBytes(status.dbSize), humanBytes(status.dbSizeInUse), `${unused}%`, '2.1 GB',
    String(status.leader === status.header.memberId), String(status.isLearner), String(status.header.raftTerm), String(status.raftIndex), String(status.raftAppliedIndex),
    status.errors.join(', '), '', 'false',
  ]
}

/** dustin/go-humanize's Bytes: powers of 1000, one decimal below ten. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? 'B'}`
}
