/** Sizes on the disk, and the units that ls, du and df show them in. */
import type { Stat } from '#engine/linux/abi/files'
import { humanSize, parseSize } from '#engine/programs/common/gnu'

/** Space on the disk: whole blocks of 4 KiB. */
export function blockBytes(stat: Stat | undefined): number {
  if (stat?.type === 'directory') return 4096
  return stat?.type === 'file' ? Math.ceil(stat.size / 4096) * 4096 : 0
}

export interface BlockUnit {
  readonly bytes: number
  /** Shown behind each size: that of a unit without a number (`-BM`). */
  readonly suffix: string
}

/** `1K`, `M`, `512`; undefined where it is none. */
export function blockUnitOf(text: string): BlockUnit | undefined {
  const bytes = parseSize(/^\d/.test(text) ? text : `1${text}`)
  return bytes === undefined || bytes === 0 ? undefined : { bytes, suffix: /^\d/.test(text) ? '' : text }
}

/** Bytes of a block. */
export function blockUnit(text: string): number | undefined {
  return blockUnitOf(text)?.bytes
}

export interface SizeForm {
  readonly human: boolean
  readonly si: boolean
  readonly unit: BlockUnit
}

/** Rounded up, as all three do. */
export function sizeText(bytes: number, { human, si, unit }: SizeForm): string {
  if (human || si) return bytes === 0 ? '0' : humanSize(bytes, si ? 1000 : 1024)
  return `${Math.ceil(bytes / unit.bytes)}${unit.suffix}`
}
