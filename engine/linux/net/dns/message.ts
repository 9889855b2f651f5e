/** DNS messages on the wire (RFC 1035, 3596, 2782, 6891). */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { parseIp, printIp } from '#engine/base/pki/ip'

export const recordTypes = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, HINFO: 13, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, DS: 43, RRSIG: 46, DNSKEY: 48, SVCB: 64, HTTPS: 65, AXFR: 252, ANY: 255, CAA: 257 } as const
export type RecordType = keyof typeof recordTypes | `TYPE${number}`

export const responseCodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const
export type ResponseCode = (typeof responseCodes)[number]

export interface DnsQuestion {
  /** Without the last dot; the root is the empty string. */
  readonly name: string
  readonly type: RecordType
}

export interface DnsRecord {
  readonly name: string
  readonly type: RecordType
  readonly ttl: number
  /** As in a zone file: `10.0.0.1`, `0 100 80 web.default.svc.cluster.local.`, names with their last dot. */
  readonly data: string
}

export interface DnsMessage {
  readonly id: number
  readonly response: boolean
  readonly opcode?: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticData?: boolean
  readonly code: ResponseCode
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
  /** EDNS(0): the size of datagrams its sender takes. */
  readonly edns?: { readonly size: number }
}

export class DnsFormatError extends Error {
  override readonly name = 'DnsFormatError'
}

export function query(id: number, name: string, type: RecordType, options: { recursion?: boolean; edns?: number } = {}): DnsMessage {
  return {
    id, response: false, authoritative: false, truncated: false, recursionDesired: options.recursion ?? true, recursionAvailable: false, code: 'NOERROR',
    questions: [{ name: name.replace(/\.$/, ''), type }], answers: [], authority: [], additional: [], ...(options.edns ? { edns: { size: options.edns } } : {}),
  }
}

function word(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 255, value & 255)
}

function long(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

class Writer {
  private readonly parts: Uint8Array[] = []
  private length = 0
  private readonly seen = new Map<string, number>()

  put(bytes: Uint8Array): void {
    this.parts.push(bytes)
    this.length += bytes.length
  }

  /** Suffixes met before become pointers. */
  name(text: string): void {
    const labels = text.replace(/\.$/, '').split('.').filter((label) => label !== '')
    for (let index = 0; index < labels.length; index++) {
      const suffix = labels.slice(index).join('.')
      const known = this.seen.get(suffix)
      if (known !== undefined) return this.put(word(0xc000 | known))
      if (this.length < 0x4000) this.seen.set(suffix, this.length)
      const label = encodeUtf8(labels[index] ?? '')
      if (label.length > 63) throw new DnsFormatError('label too long')
      this.put(concatBytes([Uint8Array.of(label.length), label]))
    }
    this.put(Uint8Array.of(0))
  }

  bytes(): Uint8Array {
    return concatBytes(this.parts)
  }
}

export function encodeMessage(message: DnsMessage): Uint8Array {
  const out = new Writer()
  const flags = (message.response ? 0x8000 : 0) | ((message.opcode ?? 0) << 11) | (message.authoritative ? 0x400 : 0) | (message.truncated ? 0x200 : 0) |
    (message.recursionDesired ? 0x100 : 0) | (message.recursionAvailable ? 0x80 : 0) | (message.authenticData ? 0x20 : 0) | responseCodes.indexOf(message.code)
  out.put(concatBytes([word(message.id), word(flags), word(message.questions.length), word(message.answers.length), word(message.authority.length), word(message.additional.length + (message.edns ? 1 : 0))]))
  for (const question of message.questions) {
    out.name(question.name)
    out.put(concatBytes([word(typeNumber(question.type)), word(1)]))
  }
  for (const record of [...message.answers, ...message.authority, ...message.additional]) {
    out.name(record.name)
    const data = encodeData(record)
    out.put(concatBytes([word(typeNumber(record.type)), word(1), long(record.ttl), word(data.length), data]))
  }
  if (message.edns) out.put(concatBytes([Uint8Array.of(0), word(41), word(message.edns.size), long(0), word(0)]))
  return out.bytes()
}

export function typeNumber(type: RecordType): number {
  return recordTypes[type as keyof typeof recordTypes] ?? Number(type.slice(4))
}

export function typeName(number: number): RecordType {
  return (Object.keys(recordTypes) as (keyof typeof recordTypes)[]).find((name) => recordTypes[name] === number) ?? `TYPE${number}`
}

function plainName(text: string): Uint8Array {
  const writer = new Writer()
  for (const label of text.replace(/\.$/, '').split('.')) if (label !== '') writer.put(concatBytes([Uint8Array.of(encodeUtf8(label).length), encodeUtf8(label)]))
  writer.put(Uint8Array.of(0))
  return writer.bytes()
}

function encodeData(record: DnsRecord): Uint8Array {
  const fields = record.data.split(' ')
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return parseIp(record.data) ?? new Uint8Array(0)
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return plainName(record.data)
    case 'MX':
      return concatBytes([word(Number(fields[0])), plainName(fields[1] ?? '')])
    case 'SRV':
      return concatBytes([word(Number(fields[0])), word(Number(fields[1])), word(Number(fields[2])), plainName(fields[3] ?? '')])
    case 'SOA':
      return concatBytes([plainName(fields[0] ?? ''), plainName(fields[1] ?? ''), ...fields.slice(2, 7).map((field) => long(Number(field)))])
    case 'TXT':
      return concatBytes([...record.data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => {
        const text = encodeUtf8((match[1] ?? '').replace(/\\(.)/g, '$1')).subarray(0, 255)
        return concatBytes([Uint8Array.of(text.length), text])
      }))
    default:
      return encodeUtf8(record.data)
  }
}

class Reader {
  at = 0

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw new DnsFormatError('truncated')
    return value
  }

  word(): number {
    return this.byte() * 256 + this.byte()
  }

  long(): number {
    return this.word() * 65536 + this.word()
  }

  name(): string {
    const labels: string[] = []
    let back: number | undefined
    for (let jumps = 0; jumps < 128;) {
      const length = this.byte()
      if (length === 0) break
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.byte()
        back ??= this.at
        this.at = target
        jumps++
        continue
      }
      labels.push(decodeUtf8(this.bytes.subarray(this.at, this.at + length)))
      this.at += length
      if (labels.length > 128) throw new DnsFormatError('name too long')
    }
    if (back !== undefined) this.at = back
    return labels.join('.')
  }
}

/** Throws DnsFormatError. */
export function decodeMessage(bytes: Uint8Array): DnsMessage {
  const reader = new Reader(bytes)
  const id = reader.word()
  const flags = reader.word()
  const counts = [reader.word(), reader.word(), reader.word(), reader.word()]
  const questions = Array.from({ length: counts[0] ?? 0 }, () => {
    const question = { name: reader.name(), type: typeName(reader.word()) }
    reader.word()
    return question
  })
  let edns: { size: number } | undefined
  const records = (count: number): DnsRecord[] => Array.from({ length: count }, () => readRecord(reader)).filter((record) => {
    if ('edns' in record) edns = { size: record.edns }
    return !('edns' in record)
  }) as DnsRecord[]
  const [answers, authority, additional] = [records(counts[1] ?? 0), records(counts[2] ?? 0), records(counts[3] ?? 0)]
  return {
    id, questions, answers, authority, additional,
    response: (flags & 0x8000) !== 0, opcode: (flags >> 11) & 15, authoritative: (flags & 0x400) !== 0, truncated: (flags & 0x200) !== 0, recursionDesired: (flags & 0x100) !== 0,
    recursionAvailable: (flags & 0x80) !== 0, authenticData: (flags & 0x20) !== 0, code: responseCodes[flags & 15] ?? 'SERVFAIL', ...(edns ? { edns } : {}),
  }
}

function readRecord(reader: Reader): DnsRecord | { edns: number } {
  const name = reader.name()
  const number = reader.word()
  const size = reader.word()
  const ttl = reader.long()
  const length = reader.word()
  const end = reader.at + length
  if (number === 41) {
    reader.at = end
    return { edns: size }
  }
  const type = typeName(number)
  const data = readData(reader, type, end)
  reader.at = end
  return { name, type, ttl, data }
}

function readData(reader: Reader, type: RecordType, end: number): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return printIp(reader.bytes.subarray(reader.at, end))
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return `${reader.name()}.`
    case 'MX':
      return `${reader.word()} ${reader.name()}.`
    case 'SRV':
      return `${reader.word()} ${reader.word()} ${reader.word()} ${reader.name()}.`
    case 'SOA':
      return `${reader.name()}. ${reader.name()}. ${reader.long()} ${reader.long()} ${reader.long()} ${reader.long()} ${reader.long()}`
    case 'TXT': {
      const parts: string[] = []
      while (reader.at < end) {
        const length = reader.byte()
        parts.push(JSON.stringify(decodeUtf8(reader.bytes.subarray(reader.at, reader.at + length))))
        reader.at += length
      }
      return parts.join(' ')
    }
    default:
      return decodeUtf8(reader.bytes.subarray(reader.at, end))
  }
}
