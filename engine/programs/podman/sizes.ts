/** Sizes with a unit: bytes where there is none. */
import { PodmanError } from '#engine/cri/podman/model'

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 }

export function parseSizeText(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text)
  if (!match) throw new PodmanError(`invalid value for ${flag}: invalid size: '${text}'`)
  return Math.floor(Number(match[1]) * 1024 ** (powers[(match[2] ?? '').toLowerCase()] ?? 0))
}
