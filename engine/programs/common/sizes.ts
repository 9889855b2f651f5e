/** Sizes as people write and read them. */

/** 1536 -> 1.5K as ls -h and du -h: rounded up. */
export function humanSize(bytes: number, base: 1024 | 1000 = 1024): string {
  const units = base === 1024 ? 'KMGTPE' : 'kMGTPE'
  if (bytes < base) return String(bytes)
  let value = bytes
  let unit = -1
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit++
  }
  let text = value < 10 ? (Math.ceil(value * 10 - 1e-9) / 10).toFixed(1) : String(Math.ceil(value - 1e-9))
  if (text === '10.0') text = '10'
  if (Number(text) >= base && unit < units.length - 1) text = `1.0`, unit++
  return text + units.charAt(unit)
}

/** A size argument: `10`, `4k`, `1M`, `2KB`, `5b`. Undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(?:(b)|([kKmMgGtTpPeE])(iB|B)?)?$/.exec(text)
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2]) return number * 512
  if (!match[3]) return number
  const power = 'KMGTPE'.indexOf(match[3].toUpperCase()) + 1
  return number * (match[4] === 'B' ? 1000 : 1024) ** power
}
