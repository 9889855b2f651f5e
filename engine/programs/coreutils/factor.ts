/** factor. */
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { complain, print, quote, readInputText } from '#engine/programs/common/gnu'

const factor = defineProgram({
  name: 'factor',
  usage: '[NUMBER]...',
  flags: {},
  async run(process, { operands }) {
    const words = operands.length > 0 ? operands : (await readInputText(process, '-')).split(/\s+/).filter((word) => word !== '')
    let status = 0
    for (const word of words) {
      if (!/^\+?\d+$/.test(word)) {
        await complain(process, `${quote(process, word)} is not a valid positive integer`)
        status = 1
      } else await print(process, `${BigInt(word)}:${factors(BigInt(word)).map((one) => ` ${one}`).join('')}\n`)
    }
    return status
  },
})

function factors(value: bigint): bigint[] {
  const out: bigint[] = []
  let rest = value
  if (rest < 2n) return out
  for (let candidate = 2n; candidate * candidate <= rest && candidate < 3_000_000n; candidate += candidate === 2n ? 1n : 2n) {
    while (rest % candidate === 0n) {
      out.push(candidate)
      rest /= candidate
    }
  }
  if (rest > 1n) out.push(rest)
  return out
}

export const factorPrograms: readonly Program[] = [factor]
