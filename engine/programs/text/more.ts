/** more: a screen at a time, in place, until the end. Off a terminal it is cat. */
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { inputChunks, inputLines, print, reason } from '#engine/programs/common/gnu'
import { Keyboard } from '#engine/programs/text/keyboard'
import { cellsOf, rowsOf } from '#engine/programs/text/rows'

export const more: Program = {
  name: 'more',
  async run(process) {
    const names = process.argv.slice(1).filter((arg) => !/^[-+]./.test(arg))
    const terminal = process.descriptors().get(1)?.tty
    if (names.length === 0 && process.descriptors().get(0)?.kind === 'tty') {
      await process.stderr.write("more: bad usage\nTry 'more --help' for more information.\n")
      return 1
    }
    const keys = terminal && new Keyboard(process)
    let status = 0
    for (const name of names.length > 0 ? names : ['-']) {
      try {
        const show = (): Promise<boolean> => (terminal && keys ? page(process, terminal, keys, name) : copy(process, name))
        if (isDirectory(process, name)) await print(process, `\n*** ${name}: directory ***\n\n`)
        else if (!(await show())) return status
      } catch (error) {
        await process.stderr.write(`more: cannot open ${name}: ${reason(error)}\n`)
        if (terminal) status = 1
      }
    }
    return status
  },
}

function isDirectory(process: Process, name: string): boolean {
  return name !== '-' && process.files.stat(name).type === 'directory'
}

async function copy(process: Process, name: string): Promise<boolean> {
  let headed = name === '-'
  for await (const piece of inputChunks(process, name)) {
    if (!headed) await print(process, `::::::::::::::\n${name}\n::::::::::::::\n`)
    headed = true
    await process.stdout.write(piece)
  }
  return true
}

/** False when the reader has had enough. */
async function page(process: Process, terminal: Terminal, keys: Keyboard, name: string): Promise<boolean> {
  const size = name === '-' ? 0 : process.files.stat(name).size
  let passed = 0
  let left = Math.max(1, terminal.rows - 1)
  for await (const line of inputLines(process, name)) {
    for (const row of rowsOf(cellsOf(line.replace(/\n$/, ''), true), Math.max(2, terminal.columns), false)) {
      if (left === 0) {
        left = await ask(process, terminal, keys, size === 0 ? undefined : Math.floor((passed / size) * 100))
        if (left === 0) return false
      }
      await print(process, `${row}\n`)
      left--
    }
    passed += line.length
  }
  return true
}

/** How many more rows; none to leave. */
async function ask(process: Process, terminal: Terminal, keys: Keyboard, percent: number | undefined): Promise<number> {
  terminal.setMode({ canonical: false, echo: false })
  await print(process, `\x1b[7m--More--${percent === undefined ? '' : `(${percent}%)`}\x1b[27m`)
  try {
    for (;;) {
      const rows = rowsFor(await keys.key(), Math.max(1, terminal.rows - 1))
      if (rows !== undefined) return rows
    }
  } finally {
    await print(process, '\r\x1b[K')
    terminal.setMode({ canonical: true, echo: true })
  }
}

function rowsFor(key: string, screen: number): number | undefined {
  if (key === '' || key === 'q' || key === 'Q') return 0
  if (key === ' ' || key === 'f' || key === 'z') return screen
  if (key === '\r' || key === '\n' || key === 'j') return 1
  return key === 'd' || key === '\x04' ? 11 : undefined
}
