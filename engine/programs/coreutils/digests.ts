/** md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum, b2sum. */
import { blake2b } from '@noble/hashes/blake2.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { print, readInput, usageFailure } from '#engine/programs/common/gnu'
import { forEachInput } from '#engine/programs/common/operands'
import { checkList, type LineReader } from '#engine/programs/coreutils/digest-check'

export interface Digest {
  /** As tags name it: `SHA256`. */
  readonly label: string
  readonly compute: (bytes: Uint8Array) => Uint8Array
}

/** By the names of `cksum -a`. */
export const digests: Readonly<Record<string, Digest>> = {
  md5: { label: 'MD5', compute: md5 }, sha1: { label: 'SHA1', compute: sha1 }, sha224: { label: 'SHA224', compute: sha224 }, sha256: { label: 'SHA256', compute: sha256 }, sha384: { label: 'SHA384', compute: sha384 }, sha512: { label: 'SHA512', compute: sha512 },
  blake2b: { label: 'BLAKE2b', compute: (bytes) => blake2b(bytes, { dkLen: 64 }) },
}

export const checkFlags = { ignoreMissing: flag('--ignore-missing'), quiet: flag('--quiet'), status: flag('--status'), strict: flag('--strict'), warn: flag('-w', '--warn'), check: flag('-c', '--check') } as const

export interface CheckFlags {
  readonly check: boolean
  readonly ignoreMissing: boolean
  readonly quiet: boolean
  readonly status: boolean
  readonly strict: boolean
  readonly warn: boolean
}

/** Options that mean something only with --check. */
export function checkProblem(o: CheckFlags): string | undefined {
  if (o.check) return undefined
  const stray = ([['ignoreMissing', 'ignore-missing'], ['status', 'status'], ['warn', 'warn'], ['quiet', 'quiet'], ['strict', 'strict']] as const).find(([key]) => o[key])
  return stray && `the --${stray[1]} option is meaningful only when verifying checksums`
}

function digestProgram(name: string, digest: Digest): Program {
  return defineProgram({
    name,
    flags: { ...checkFlags, binary: flag('-b', '--binary'), text: flag('-t', '--text'), tag: flag('--tag'), zero: flag('-z', '--zero') },
    async run(process, o) {
      const wrong = o.check && o.tag ? 'the --tag option is meaningless when verifying checksums' : checkProblem(o)
      if (wrong !== undefined) return usageFailure(process, wrong)
      const reader = lineReader(digest)
      return forEachInput(process, o.operands, async (file) => {
        if (o.check) return checkList(process, file, reader, digest.label, o)
        await print(process, digestLine(digest, file, await hexOf(process, digest, file), o))
        return true
      })
    },
  })
}

export async function hexOf(process: Process, digest: Digest, file: string): Promise<string> {
  return toHex(digest.compute(await readInput(process, file)))
}

/** A name with a newline or a backslash is escaped, and the line begins with a backslash. */
export function digestLine(digest: Digest, file: string, hex: string, o: { readonly tag: boolean; readonly binary: boolean; readonly zero: boolean }): string {
  const strange = !o.zero && /[\n\\\r]/.test(file)
  const shown = strange ? file.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r') : file
  return `${strange ? '\\' : ''}${o.tag ? `${digest.label} (${shown}) = ${hex}` : `${hex} ${o.binary ? '*' : ' '}${shown}`}${o.zero ? '\0' : '\n'}`
}

/** `HEX  FILE`, `HEX *FILE`, the old `HEX FILE`, and `LABEL (FILE) = HEX`. */
export function lineReader({ label, compute }: Digest): LineReader {
  const length = compute(new Uint8Array(0)).length * 2
  return (line) => {
    const plain = /^\\?([0-9a-fA-F]+) [ *]?(.+)$/.exec(line)
    if (plain?.[1]?.length === length) return { hex: plain[1], file: plain[2] as string, digest: compute }
    const tagged = /^\\?(\w+) \((.*)\) = ([0-9a-fA-F]+)$/.exec(line)
    return tagged?.[1] === label && tagged[3]?.length === length ? { hex: tagged[3], file: tagged[2] as string, digest: compute } : undefined
  }
}

export const digestPrograms: readonly Program[] = Object.entries(digests).map(([name, digest]) => digestProgram(name === 'blake2b' ? 'b2sum' : `${name}sum`, digest))
