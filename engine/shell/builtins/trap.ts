/** trap. */
import { signalNumbers, type Signal } from '#engine/linux/abi/signals'
import { builtin, parseOptions, usageOf, write } from '#engine/shell/builtins/builtin'
import { singleQuote } from '#engine/shell/expand/quote'
import { applyTrap, trapName } from '#engine/shell/interpreter/trap-run'

const order = (name: string): number => (name === 'EXIT' ? 0 : name.startsWith('SIG') ? signalNumbers[name as Signal] : 100 + ['DEBUG', 'ERR', 'RETURN'].indexOf(name))

export const trapBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'lp')
  if (flags.has('l')) {
    await write(call, `${Object.entries(signalNumbers).map(([name, number], index) => `${String(number).padStart(2)}) ${name}${index % 5 === 4 ? '\n' : '\t'}`).join('').replace(/\t$/, '')}\n`)
    return 0
  }
  const show = (entries: readonly [string, string][]): Promise<void> => write(call, entries.map(([name, action]) => `trap -- ${singleQuote(action)} ${name}\n`).join(''))
  if (flags.has('p') || rest.length === 0) {
    const entries = shell.traps.entries().sort((a, b) => order(a[0]) - order(b[0]))
    const wanted = rest.map((text) => trapName(text))
    const bad = rest.find((_, index) => wanted[index] === undefined)
    if (bad !== undefined) {
      await shell.error(`trap: ${bad}: invalid signal specification`)
      return 1
    }
    await show(rest.length === 0 ? entries : entries.filter(([name]) => wanted.includes(name)))
    return 0
  }
  const first = rest[0] as string
  const resets = first === '-' || (rest.length === 1 && trapName(first) !== undefined) || (/^\d+$/.test(first) && trapName(first) !== undefined)
  if (rest.length === 1 && !resets) {
    await shell.complain(`trap: usage: ${usageOf('trap')}`)
    return 2
  }
  let status = 0
  for (const text of first === '-' || !resets ? rest.slice(1) : rest) {
    const name = trapName(text)
    if (name === undefined) {
      await shell.error(`trap: ${text}: invalid signal specification`)
      status = 1
      continue
    }
    const action = resets ? undefined : first
    shell.traps.set(name, action)
    applyTrap(shell, name, action)
  }
  return status
})
