/** Sums of quantities that keep the form of what was added first. */
export interface Quantity {
  /** In thousandths. */
  readonly milli: bigint
  readonly binary: boolean
}

const decimal: Readonly<Record<string, bigint>> = { '': 1000n, m: 1n, k: 10n ** 6n, M: 10n ** 9n, G: 10n ** 12n, T: 10n ** 15n, P: 10n ** 18n, E: 10n ** 21n }
const binary: Readonly<Record<string, bigint>> = { Ki: 1000n << 10n, Mi: 1000n << 20n, Gi: 1000n << 30n, Ti: 1000n << 40n, Pi: 1000n << 50n, Ei: 1000n << 60n }

export function toQuantity(text: string): Quantity {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text)
  if (!match) return { milli: BigInt(Math.round((Number(text) || 0) * 1000)), binary: false }
  const suffix = match[4] ?? ''
  const isBinary = suffix in binary
  const unit = (isBinary ? binary[suffix] : decimal[suffix]) as bigint
  const fraction = match[3] ?? ''
  const digits = BigInt(`${match[2] ?? ''}${fraction}` || '0')
  const scale = 10n ** BigInt(fraction.length)
  return { milli: ((digits * unit + scale - 1n) / scale) * (match[1] === '-' ? -1n : 1n), binary: isBinary }
}

export function addQuantities(a: Quantity | undefined, b: Quantity): Quantity {
  return a ? { milli: a.milli + b.milli, binary: a.milli === 0n ? b.binary : a.binary } : b
}

export function quantityValue(value: Quantity | undefined): number {
  return value ? Number(value.milli) / 1000 : 0
}

export function formatQuantity(value: Quantity | undefined): string {
  if (!value || value.milli === 0n) return '0'
  if (value.milli % 1000n !== 0n) return `${value.milli}m`
  const table = value.binary ? binary : decimal
  for (const suffix of Object.keys(table).reverse()) {
    const unit = table[suffix] as bigint
    if (suffix !== 'm' && suffix !== '' && value.milli % unit === 0n) return `${value.milli / unit}${suffix}`
  }
  return String(value.milli / 1000n)
}
