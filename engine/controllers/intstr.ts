/** Numbers that may be a share of another: `2`, `25%`. */
export function scaledValue(value: number | string | undefined | null, total: number, round: 'up' | 'down'): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number') return value
  const match = /^(\d+)%$/.exec(value)
  if (!match) throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage`)
  const share = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
