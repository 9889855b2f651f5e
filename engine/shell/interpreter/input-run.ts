/** A script from standard input: read line by line, since commands may read from it too. */
import { guardLine } from '#engine/shell/interpreter/flow'
import { readLine } from '#engine/shell/interpreter/input'
import { syntaxErrorLines } from '#engine/shell/interpreter/syntax-error'
import { hereDocumentWarning, readerFor, runChunk, syntaxStatus } from '#engine/shell/interpreter/text-run'
import type { Shell } from '#engine/shell/state/shell'

export async function runInput(shell: Shell): Promise<number> {
  const file = shell.process.descriptor(0)
  let text = ''
  let firstLine = 1
  let lines = 0
  for (;;) {
    const line = await readLine(file)
    if (line) {
      text += `${line.text}\n`
      lines++
    }
    if (text !== '') {
      const outcome = await tryRun(shell, text, firstLine, line === undefined)
      if (outcome === 'more') continue
      text = ''
      firstLine += lines
      lines = 0
      if (outcome === 'end') return shell.status
    }
    if (!line) return shell.status
  }
}

async function tryRun(shell: Shell, text: string, firstLine: number, last: boolean): Promise<'more' | 'done' | 'end'> {
  const reader = readerFor(shell, text, firstLine)
  for (;;) {
    const next = reader.next()
    if (!next) return 'done'
    if ('fault' in next) {
      if (next.fault.verdict.kind === 'incomplete' && !last) return 'more'
      for (const message of syntaxErrorLines(shell, next.fault, 'script')) await shell.complain(message)
      shell.status = syntaxStatus(next.fault.verdict)
      return 'end'
    }
    if (next.chunk.openHereDocument && !last) return 'more'
    await hereDocumentWarning(shell, next.chunk)
    await guardLine(shell, () => runChunk(shell, next.chunk))
  }
}
