/** Decimal digits as C prints them: the exact value rounded, halves to even. JavaScript rounds halves up. */
export function fixedText(value: number, digits: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return Number.isFinite(value) ? BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '') : String(value)
  if (digits > 100) return value.toFixed(100) + '0'.repeat(digits - 100)
  const text = value.toFixed(digits)
  if (digits > 40) return text
  const exact = value.toFixed(Math.min(100, digits + 60))
  return isTie(exact, digits) && isOdd(text) ? stepDown(text) : text
}

export function exponentText(value: number, digits: number): string {
  const text = value.toExponential(Math.min(100, digits))
  if (digits <= 40) {
    const [mantissa = '', power = ''] = text.split('e')
    const [exact = ''] = value.toExponential(Math.min(100, digits + 60)).split('e')
    if (isTie(exact, digits) && isOdd(mantissa)) return pad(`${stepDown(mantissa)}e${power}`)
  }
  return pad(text)
}

function pad(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Whether what follows `digits` decimals is exactly one half. */
function isTie(exact: string, digits: number): boolean {
  const point = exact.indexOf('.')
  return point >= 0 && /^50*$/.test(exact.slice(point + 1 + digits))
}

function isOdd(text: string): boolean {
  return Number(text.charAt(text.length - 1)) % 2 === 1
}

/** The last digit is odd here, so there is no borrow. */
function stepDown(text: string): string {
  return text.slice(0, -1) + String(Number(text.charAt(text.length - 1)) - 1)
}
