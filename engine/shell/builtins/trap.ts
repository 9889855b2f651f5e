/** trap. */
import { signalNumbers, type Signal } from '#engine/linux/abi/signals'
import { builtin, type BuiltinCall, parseOptions, usageOf, write } from '#engine/shell/builtins/builtin'
import { singleQuote } from '#engine/shell/expand/quote'
import { listSignals } from '#engine/shell/builtins/kill'
import { applyTrap, trapName } from '#engine/shell/interpreter/trap-run'

const order = (name: string): number => (name === 'EXIT' ? 0 : name.startsWith('SIG') ? signalNumbers[name as Signal] : 100 + ['DEBUG', 'ERR', 'RETURN'].indexOf(name))

export const trapBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'lp')
  if (flags.has('l')) {
    return listSignals(call, [])
  }
  if (flags.has('p') || rest.length === 0) return show(call, rest)
  const first = rest[0] as string
  const resets = first === '-' || isReset(first, rest.length)
  if (rest.length === 1 && !resets) {
    await shell.complain(`trap: usage: ${usageOf('trap')}`)
    return 2
  }
  return setTraps(call, first === '-' || !resets ? rest.slice(1) : rest, resets ? undefined : first)
})

/** `trap INT` and `trap 2 3` give back the default. */
function isReset(first: string, count: number): boolean {
  return trapName(first) !== undefined && (count === 1 || /^\d+$/.test(first))
}

async function show(call: BuiltinCall, names: readonly string[]): Promise<number> {
  const wanted = names.map((text) => trapName(text))
  const bad = names.find((_, index) => wanted[index] === undefined)
  if (bad !== undefined) {
    await call.shell.error(`trap: ${bad}: invalid signal specification`)
    return 1
  }
  const entries = call.shell.traps.entries().sort((a, b) => order(a[0]) - order(b[0]))
  await write(call, entries.filter(([name]) => names.length === 0 || wanted.includes(name)).map(([name, action]) => `trap -- ${singleQuote(action)} ${name}\n`).join(''))
  return 0
}

async function setTraps(call: BuiltinCall, signals: readonly string[], action: string | undefined): Promise<number> {
  const { shell } = call
  let status = 0
  for (const text of signals) {
    const name = trapName(text)
    if (name === undefined) {
      await shell.error(`trap: ${text}: invalid signal specification`)
      status = 1
      continue
    }
    shell.traps.set(name, action)
    applyTrap(shell, name, action)
  }
  return status
}
