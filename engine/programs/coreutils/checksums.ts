/** cksum, sum: checksums that are older than digests; cksum knows those too. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option } from '#engine/linux/abi/flags'
import { print, readInput, usageFailure } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { checkFlags, checkProblem, digestLine, digests, hexOf, lineReader } from '#engine/programs/coreutils/digests'
import { checkList, type LineReader } from '#engine/programs/coreutils/digest-check'

const algorithms = ['bsd', 'sysv', 'crc', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'blake2b', 'sm3']

const cksum = defineProgram({
  name: 'cksum',
  unsupported: 'sm3',
  flags: { ...checkFlags, algorithm: choice(option('-a', '--algorithm'), algorithms.map((name) => [name])), tag: flag('--tag'), untagged: flag('--untagged'), zero: flag('-z', '--zero') },
  async run(process, o) {
    const wrong = checkProblem(o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const algorithm = o.algorithm ?? 'crc'
    if (algorithm === 'sm3') return fail(process, 'sm3 is not simulated')
    if (o.check) return forEachInput(process, o.operands, (file) => checkList(process, file, anyReader(o.algorithm), (digests[algorithm]?.label ?? 'CRC'), o))
    const digest = digests[algorithm]
    if (digest) return forEachInput(process, o.operands, async (file) => print(process, digestLine(digest, file, await hexOf(process, digest, file), { tag: !o.untagged, binary: false, zero: o.zero })))
    return forEachInput(process, o.operands, async (file) => print(process, await plainLine(process, algorithm, file, o.operands.length === 0)))
  },
})

/** Tagged lines say themselves what they are; others need -a. */
function anyReader(algorithm: string | undefined): LineReader {
  const readers = (algorithm === undefined ? Object.values(digests) : [digests[algorithm]].filter((digest) => digest !== undefined)).map(lineReader)
  return (line) => readers.map((reader) => reader(line)).find((listed) => listed !== undefined)
}

async function plainLine(process: Process, algorithm: string, file: string, nameless: boolean): Promise<string> {
  const bytes = await readInput(process, file)
  const name = nameless ? '' : ` ${file}`
  if (algorithm === 'crc') return `${crc(bytes)} ${bytes.length}${name}\n`
  return algorithm === 'sysv' ? sysvLine(bytes, name) : bsdLine(bytes, name)
}

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

function sysvLine(bytes: Uint8Array, name: string): string {
  const total = bytes.reduce((sum, byte) => sum + byte, 0)
  return `${((total & 0xffff) + Math.floor(total / 65536)) % 65535} ${Math.ceil(bytes.length / 512)}${name}\n`
}

function bsdLine(bytes: Uint8Array, name: string): string {
  const value = bytes.reduce((sum, byte) => (((sum >> 1) | ((sum & 1) << 15)) + byte) & 0xffff, 0)
  return `${String(value).padStart(5, '0')} ${String(Math.ceil(bytes.length / 1024)).padStart(5)}${name}\n`
}

const sum = defineProgram({
  name: 'sum',
  flags: { bsd: flag('-r'), sysv: flag('-s', '--sysv') },
  run: (process, o) => forEachInput(process, o.operands, async (file) => print(process, await plainLine(process, o.sysv ? 'sysv' : 'bsd', file, o.operands.length === 0))),
})

export const checksumPrograms: readonly Program[] = [cksum, sum]
