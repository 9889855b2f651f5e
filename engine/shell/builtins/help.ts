/** help. The long texts of bash's manual are not here: a builtin shows its usage and what it does. */
import { builtin, parseOptions, write } from '#engine/shell/builtins/builtin'
import { builtinHelp } from '#engine/shell/builtins/help.table'
import { globRegExp } from '#engine/shell/patterns/glob'

export function helpText(name: string): string {
  const help = builtinHelp[name]
  return help ? `${name}: ${help.usage}\n    ${help.description}\n    \n` : ''
}

export const helpBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'dms')
  if (rest.length === 0) {
    await write(call, `GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nThese shell commands are defined internally.  Type \`help' to see this list.\n\n${Object.values(builtinHelp).map((help) => ` ${help.usage}\n`).join('')}`)
    return 0
  }
  let found = false
  for (const pattern of rest) {
    const regex = globRegExp(pattern.replace(/^[[\]]$/, '\\$&'))
    const names = Object.hasOwn(builtinHelp, pattern) ? [pattern] : Object.keys(builtinHelp).filter((name) => regex.test(name) || name.startsWith(pattern))
    for (const name of names) {
      found = true
      const help = builtinHelp[name]
      if (!help) continue
      await write(call, flags.has('d') ? `${name} - ${help.description}\n` : flags.has('s') ? `${name}: ${help.usage}\n` : helpText(name))
    }
  }
  if (found) return 0
  const topic = rest[rest.length - 1] ?? ''
  await call.shell.error(`help: no help topics match \`${topic}'.  Try \`help help' or \`man -k ${topic}' or \`info ${topic}'.`)
  return 1
})
