/** base64, base32, od, hexdump, xxd, the checksums, cksum, sum, cmp-like dumps. */
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, toHex } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { basePrograms } from '#engine/programs/coreutils/base'
import { complain, print, parseSize, quote, readInput, readInputText, reason, splitLines } from '#engine/programs/common/gnu'

const digests: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = { md5sum: md5, sha1sum: sha1, sha224sum: sha224, sha256sum: sha256, sha384sum: sha384, sha512sum: sha512, b2sum: (bytes) => blake2b(bytes, { dkLen: 64 }) }

function digestProgram(name: string): Program {
  const digest = digests[name] as (bytes: Uint8Array) => Uint8Array
  const label = name === 'b2sum' ? 'BLAKE2b' : name.replace('sum', '').toUpperCase()
  return defineProgram({
    name,
    flags: { binary: flag('-b', '--binary'), check: flag('-c', '--check'), tag: flag('--tag'), text: flag('-t', '--text'), zero: flag('-z', '--zero'), ignoreMissing: flag('--ignore-missing'), quiet: flag('--quiet'), status: flag('--status'), strict: flag('--strict'), warn: flag('-w', '--warn') },
    async run(process, o) {
      const names = o.operands.length > 0 ? o.operands : ['-']
      let status = 0
      for (const file of names) {
        try {
          if (o.check) {
            if (!(await checkList(process, file, digest, o))) status = 1
            continue
          }
          const hex = toHex(digest(await readInput(process, file)))
          await print(process, (o.tag ? `${label} (${file}) = ${hex}` : `${hex} ${o.binary ? '*' : ' '}${file}`) + (o.zero ? '\0' : '\n'))
        } catch (error) {
          await complain(process, `${file}: ${reason(error)}`)
          status = 1
        }
      }
      return status
    },
  })
}

async function checkList(process: Process, list: string, digest: (bytes: Uint8Array) => Uint8Array, o: { status: boolean; quiet: boolean; ignoreMissing: boolean; warn: boolean }): Promise<boolean> {
  let wrong = 0
  let unread = 0
  let bad = 0
  let seen = 0
  for (const line of splitLines(await readInputText(process, list))) {
    const match = /^\\?([0-9a-fA-F]{32,128}) [ *](.*)$/.exec(line) ?? (/^\w+ \((.*)\) = ([0-9a-fA-F]+)$/.exec(line) ? ([line, RegExp.$2, RegExp.$1] as const) : null)
    if (!match) {
      bad++
      continue
    }
    seen++
    const [, hex, file] = match as unknown as [string, string, string]
    try {
      const good = toHex(digest(await readInput(process, file))) === hex.toLowerCase()
      if (!good) wrong++
      if (!o.status && (!o.quiet || !good)) await print(process, `${file}: ${good ? 'OK' : 'FAILED'}\n`)
    } catch (error) {
      if (o.ignoreMissing) continue
      unread++
      await complain(process, `${file}: ${reason(error)}`)
      if (!o.status) await print(process, `${file}: FAILED open or read\n`)
    }
  }
  const name = process.argv[0]?.replace(/.*\//, '').replace('sum', '').toUpperCase() ?? ''
  if (seen === 0) {
    await complain(process, `${list}: no properly formatted checksum lines found`)
    return false
  }
  const plural = (count: number, one: string, many: string): string => `WARNING: ${count} ${count === 1 ? one : many}`
  void name
  if (!o.status) {
    if (bad > 0) await complain(process, plural(bad, 'line is improperly formatted', 'lines are improperly formatted'))
    if (unread > 0) await complain(process, plural(unread, 'listed file could not be read', 'listed files could not be read'))
    if (wrong > 0) await complain(process, plural(wrong, 'computed checksum did NOT match', 'computed checksums did NOT match'))
  }
  return wrong === 0 && unread === 0
}

const cksum = defineProgram({
  name: 'cksum',
  flags: { algorithm: option('-a', '--algorithm'), untagged: flag('--untagged') },
  async run(process, o) {
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        const bytes = await readInput(process, name)
        const digest = o.algorithm === undefined || o.algorithm === 'crc' ? undefined : digests[`${o.algorithm}sum`]
        if (digest) await print(process, o.untagged ? `${toHex(digest(bytes))}  ${name}\n` : `${o.algorithm?.toUpperCase() ?? ''} (${name}) = ${toHex(digest(bytes))}\n`)
        else await print(process, `${crc(bytes)} ${bytes.length}${name === '-' && o.operands.length === 0 ? '' : ` ${name}`}\n`)
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

function crc(bytes: Uint8Array): number {
  let value = 0
  const step = (byte: number): void => {
    value ^= byte << 24
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1
  }
  for (const byte of bytes) step(byte)
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) step(length & 255)
  return ~value >>> 0
}

const sum = defineProgram({
  name: 'sum',
  flags: { bsd: flag('-r'), sysv: flag('-s', '--sysv') },
  async run(process, o) {
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        const bytes = await readInput(process, name)
        let value = 0
        for (const byte of bytes) value = o.sysv ? value + byte : (((value >> 1) | ((value & 1) << 15)) + byte) & 0xffff
        if (o.sysv) value = ((value & 0xffff) + Math.floor(value / 65536)) % 65535
        const shown = o.operands.length > (o.sysv ? 0 : 1) || (o.sysv && name !== '-') ? ` ${name}` : o.operands.length === 1 ? ` ${name}` : ''
        await print(process, o.sysv ? `${value} ${Math.ceil(bytes.length / 512)}${shown}\n` : `${String(value).padStart(5, '0')} ${String(Math.ceil(bytes.length / 1024)).padStart(5)}${shown}\n`)
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

const od = defineProgram({
  name: 'od',
  flags: { radix: option('-A', '--address-radix'), skip: option('-j', '--skip-bytes'), count: option('-N', '--read-bytes'), type: option('-t', '--format'), all: flag('-v', '--output-duplicates'), width: optional('-w', '--width'), endian: choice(option('--endian'), [['little'], ['big']]), a: flag('-a'), b: flag('-b'), c: flag('-c'), d: flag('-d'), o: flag('-o'), x: flag('-x'), strings: option('-S') },
  async run(process, o) {
    const wrong = dumpProblem(process, o)
    if (wrong !== undefined) return complain(process, wrong).then(() => 1)
    const parts: Uint8Array[] = []
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        parts.push(await readInput(process, name))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    const all = concatBytes(parts).subarray(parseSize(o.skip ?? '0'))
    const bytes = o.count === undefined ? all : all.subarray(0, parseSize(o.count))
    const types = o.type !== undefined ? (o.type.match(/[acdfoux](?:\d+|[CSIL])?z?/g) ?? ['o2']) : [o.a && 'a', o.b && 'o1', o.c && 'c', o.d && 'u2', o.o && 'o2', o.x && 'x2'].filter((type): type is string => typeof type === 'string')
    await print(process, dump(bytes, types.length > 0 ? types : ['o2'], o.radix ?? 'o', Number(o.skip ?? 0), Number(o.width ?? 16) || 32, o.all))
    return status
  },
})

const controlNames = ['nul', 'soh', 'stx', 'etx', 'eot', 'enq', 'ack', 'bel', 'bs', 'ht', 'nl', 'vt', 'ff', 'cr', 'so', 'si', 'dle', 'dc1', 'dc2', 'dc3', 'dc4', 'nak', 'syn', 'etb', 'can', 'em', 'sub', 'esc', 'fs', 'gs', 'rs', 'us', 'sp']

function dumpProblem(process: Process, o: { skip: string | undefined; count: string | undefined; type: string | undefined }): string | undefined {
  if (o.skip !== undefined && parseSize(o.skip) === undefined) return `invalid -j argument '${o.skip}'`
  if (o.count !== undefined && parseSize(o.count) === undefined) return `invalid -N argument '${o.count}'`
  const rest = (o.type ?? '').replace(/[acdfoux](?:\d+|[CSILFD])?z?/g, '')
  return rest === '' ? undefined : `invalid character '${rest.charAt(0)}' in type string ${quote(process, o.type ?? '')}`
}

function dump(bytes: Uint8Array, types: readonly string[], radix: string, base: number, width: number, duplicates: boolean): string {
  const address = (at: number): string => (radix === 'n' ? '' : radix === 'd' ? String(at).padStart(7, '0') : radix === 'x' ? at.toString(16).padStart(6, '0') : at.toString(8).padStart(7, '0'))
  const sizeOf = (type: string): number => {
    const size = /\d+|[CSIL]/.exec(type.slice(1))?.[0]
    if (type.startsWith('a') || type.startsWith('c')) return 1
    return size === undefined ? (type.startsWith('f') ? 8 : 4) : (({ C: 1, S: 2, I: 4, L: 8 } as Record<string, number>)[size] ?? Number(size))
  }
  const cellOf = (type: string): number => {
    const size = sizeOf(type)
    if (type.startsWith('a') || type.startsWith('c')) return 4
    if (type.startsWith('x')) return size * 2 + 1
    if (type.startsWith('o')) return ({ 1: 4, 2: 7, 4: 12, 8: 23 } as Record<number, number>)[size] ?? 7
    if (type.startsWith('d')) return ({ 1: 5, 2: 7, 4: 12, 8: 21 } as Record<number, number>)[size] ?? 12
    return ({ 1: 4, 2: 6, 4: 11, 8: 21 } as Record<number, number>)[size] ?? 11
  }
  const unit = Math.max(...types.map((type) => cellOf(type) / sizeOf(type)))
  let out = ''
  let last = ''
  let starred = false
  for (let at = 0; at < bytes.length; at += width) {
    const line = bytes.subarray(at, at + width)
    const key = line.join()
    if (!duplicates && key === last && line.length === width) {
      if (!starred) out += '*\n'
      starred = true
      continue
    }
    last = key
    starred = false
    types.forEach((type, index) => {
      const size = sizeOf(type)
      let row = ''
      for (let i = 0; i < line.length; i += size) row += cell(type, line.subarray(i, i + size), size).padStart(Math.round(unit * size))
      out += `${index === 0 ? address(base + at) : ' '.repeat(address(0).length)}${row}${type.endsWith('z') ? `${' '.repeat(Math.round(unit * (width - line.length)))}  >${[...line].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('')}<` : ''}\n`
    })
  }
  return out + (radix === 'n' ? '' : `${address(base + bytes.length)}\n`)
}

function cell(type: string, raw: Uint8Array, size: number): string {
  const first = raw[0] as number
  if (type.startsWith('a')) return controlNames[first & 127] ?? ((first & 127) === 127 ? 'del' : String.fromCharCode(first & 127))
  if (type.startsWith('c')) {
    const known: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }
    return known[first] ?? (first >= 32 && first < 127 ? String.fromCharCode(first) : first.toString(8).padStart(3, '0'))
  }
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i] ?? 0)
  if (type.startsWith('x')) return value.toString(16).padStart(size * 2, '0')
  if (type.startsWith('o')) return value.toString(8).padStart(({ 1: 3, 2: 6, 4: 11, 8: 22 } as Record<number, number>)[size] ?? 6, '0')
  if (type.startsWith('d')) return BigInt.asIntN(size * 8, value).toString()
  if (type.startsWith('f')) return String(size === 4 ? new DataView(Uint8Array.from([...raw, 0, 0, 0, 0]).buffer).getFloat32(0, true) : new DataView(Uint8Array.from([...raw, ...new Array<number>(8).fill(0)]).buffer).getFloat64(0, true))
  return value.toString()
}

/** From util-linux. Canonical and two-byte forms only. */
const hexdump = defineProgram({
  name: 'hexdump',
  unsupported: 'formats of one\'s own (-e, -f)',
  flags: { canonical: flag('-C', '--canonical'), length: option('-n', '--length'), skip: option('-s', '--skip'), all: flag('-v', '--no-squeezing'), hex: flag('-x', '--two-bytes-hex'), chars: flag('-c', '--one-byte-char'), octal: flag('-b', '--one-byte-octal'), decimal: flag('-d', '--two-bytes-decimal') },
  async run(process, o) {
    let bytes: Uint8Array
    try {
      bytes = (await readInput(process, o.operands[0] ?? '-')).subarray(Number(o.skip ?? 0))
    } catch (error) {
      await complain(process, `${o.operands[0] ?? '-'}: ${reason(error)}`)
      return 1
    }
    if (o.length !== undefined) bytes = bytes.subarray(0, Number(o.length))
    const width = o.canonical ? 8 : 7
    let out = ''
    let last = ''
    let starred = false
    for (let at = 0; at < bytes.length; at += 16) {
      const line = bytes.subarray(at, at + 16)
      if (!o.all && line.join() === last && line.length === 16) {
        if (!starred) out += '*\n'
        starred = true
        continue
      }
      last = line.join()
      starred = false
      const head = (at + Number(o.skip ?? 0)).toString(16).padStart(width, '0')
      if (o.canonical) {
        const hex = Array.from({ length: 16 }, (_, i) => (i < line.length ? (line[i] as number).toString(16).padStart(2, '0') : '  '))
        out += `${head}  ${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}  |${[...line].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('')}|\n`
      } else {
        let row = ''
        if (o.chars || o.octal) for (const byte of line) row += o.octal ? ` ${byte.toString(8).padStart(3, '0')}` : cell('c', Uint8Array.of(byte), 1).padStart(4)
        else for (let i = 0; i < line.length; i += 2) row += o.hex || o.decimal ? `   ${o.decimal ? ((line[i] as number) | ((line[i + 1] ?? 0) << 8)).toString().padStart(5, '0') : ` ${((line[i] as number) | ((line[i + 1] ?? 0) << 8)).toString(16).padStart(4, '0')}`}` : ` ${((line[i] as number) | ((line[i + 1] ?? 0) << 8)).toString(16).padStart(4, '0')}`
        out += `${`${head}${row}`.padEnd(o.chars || o.octal ? 71 : o.hex || o.decimal ? 71 : 47)}\n`
      }
    }
    if (bytes.length > 0) out += `${(bytes.length + Number(o.skip ?? 0)).toString(16).padStart(width, '0')}\n`
    await print(process, out)
    return 0
  },
})

/** From vim. */
const xxd = defineProgram({
  name: 'xxd',
  version: 'xxd 2022-01-14 by Juergen Weigert et al.',
  flags: { bits: flag('-b'), columns: option('-c'), group: option('-g'), include: flag('-i'), length: option('-l'), plain: flag('-p', '-ps'), reverse: flag('-r'), seek: option('-s'), upper: flag('-u') },
  rewrite: (args) => args.map((arg) => (arg === '-ps' ? '-p' : arg)),
  async run(process, o) {
    let bytes: Uint8Array
    const name = o.operands[0] ?? '-'
    try {
      bytes = await readInput(process, name)
    } catch (error) {
      await complain(process, `${name}: ${reason(error)}`)
      return 2
    }
    if (o.reverse) {
      const text = decodeLossless(bytes)
      const hex = o.plain ? text.replace(/\s/g, '') : splitLines(text).map((line) => /^[0-9a-fA-F]+: ((?:[0-9a-fA-F]+ ?)+)/.exec(line)?.[1]?.replace(/ /g, '') ?? '').join('')
      await process.stdout.write(Uint8Array.from(hex.match(/[0-9a-fA-F]{2}/g)?.map((pair) => Number.parseInt(pair, 16)) ?? []))
      return 0
    }
    const start = Number(o.seek ?? 0)
    bytes = bytes.subarray(start, o.length === undefined ? undefined : start + Number(o.length))
    await print(process, xxdText(bytes, start, name, o))
    return 0
  },
})

function xxdText(bytes: Uint8Array, start: number, name: string, o: { bits: boolean; columns: string | undefined; group: string | undefined; include: boolean; plain: boolean; upper: boolean }): string {
  const digits = (byte: number): string => (o.bits ? byte.toString(2).padStart(8, '0') : o.upper ? byte.toString(16).toUpperCase().padStart(2, '0') : byte.toString(16).padStart(2, '0'))
  const columns = Number(o.columns ?? (o.plain ? 30 : o.bits ? 6 : o.include ? 12 : 16))
  let out = ''
  if (o.include) {
    const id = name.replace(/[^A-Za-z0-9]/g, '_')
    const rows: string[] = []
    for (let at = 0; at < bytes.length; at += columns) rows.push(`  ${[...bytes.subarray(at, at + columns)].map((byte) => `0x${digits(byte)}`).join(', ')}`)
    return name === '-' ? `${rows.join(',\n')}\n` : `unsigned char ${id}[] = {\n${rows.join(',\n')}\n};\nunsigned int ${id}_len = ${bytes.length};\n`
  }
  const group = Number(o.group ?? (o.bits ? 1 : 2)) || columns
  for (let at = 0; at < bytes.length; at += columns) {
    const line = bytes.subarray(at, at + columns)
    if (o.plain) {
      out += `${[...line].map(digits).join('')}\n`
      continue
    }
    let hex = ''
    for (let i = 0; i < columns; i++) hex += (i < line.length ? digits(line[i] as number) : ' '.repeat(o.bits ? 8 : 2)) + ((i + 1) % group === 0 ? ' ' : '')
    out += `${(start + at).toString(16).padStart(8, '0')}: ${hex}${columns % group === 0 ? '' : ' '} ${[...line].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('')}\n`
  }
  return out
}

export const encodePrograms: readonly Program[] = [...basePrograms, ...Object.keys(digests).map(digestProgram), cksum, sum, od, hexdump, xxd]
