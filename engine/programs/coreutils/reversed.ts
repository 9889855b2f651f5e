/** tac, rev: lines from the last to the first, and each from its end. */
import { isErrno } from '#engine/linux/abi/errno'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { quoteIfNeeded, quoteName } from '#engine/programs/common/quoting'
import { inputLines, print, readInputText } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { userPattern } from '#engine/programs/common/patterns'

const tac = defineProgram({
  name: 'tac',
  flags: { before: flag('-b', '--before'), regex: flag('-r', '--regex'), separator: option('-s', '--separator') },
  async run(process, { before, regex, separator = '\n', operands }) {
    const pattern = separatorPattern(separator, regex)
    if (typeof pattern === 'string') return fail(process, pattern)
    return forEachInput(
      process,
      operands,
      async (name) => print(process, records(await readInputText(process, name), pattern, before).reverse().join('')),
      (name, why, error) => (isErrno(error, 'EISDIR') ? `${quoteIfNeeded(name)}: read error: Invalid argument` : `failed to open ${quoteName(name)} for reading: ${why}`),
    )
  },
})

/** An empty separator stands for the zero byte. */
function separatorPattern(separator: string, regex: boolean): RegExp | string {
  if (regex && separator !== '') {
    const pattern = userPattern(separator)
    return typeof pattern === 'string' ? pattern : new RegExp(pattern.source, 'g')
  }
  return new RegExp((separator === '' ? '\0' : separator).replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\0/g, '\\x00'), 'g')
}

/** Pieces that end with the separator, or begin with it. */
function records(text: string, separator: RegExp, before: boolean): string[] {
  const out: string[] = []
  let from = 0
  for (const match of text.matchAll(separator)) {
    const cut = before ? match.index : match.index + match[0].length
    if (match[0] === '' || cut === from) continue
    out.push(text.slice(from, cut))
    from = cut
  }
  if (from < text.length) out.push(text.slice(from))
  return out
}

/** From util-linux: its messages quote nothing. */
const rev = defineProgram({
  name: 'rev',
  flags: { zero: flag('-0', '--zero') },
  version: 'rev from util-linux 2.38.1',
  run: (process, { operands, zero }) =>
    forEachInput(
      process,
      operands,
      async (name) => {
        for await (const line of inputLines(process, name, zero ? 0 : 10)) await print(process, reversed(line, zero ? '\0' : '\n'))
      },
      (name, why, error) => (isErrno(error, 'EISDIR') ? `${name}: 0: ${why}` : `cannot open ${name}: ${why}`),
    ),
})

function reversed(line: string, terminator: string): string {
  const ended = line.endsWith(terminator)
  return [...(ended ? line.slice(0, -1) : line)].reverse().join('') + (ended ? terminator : '')
}

export const reversedPrograms: readonly Program[] = [tac, rev]
