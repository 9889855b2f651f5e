/** Variables that answer for the shell's state instead of holding a value. */
import { AssociativeArray, IndexedArray, type VariableValue } from '#engine/shell/state/variables'
import type { Shell } from '#engine/shell/state/shell'

type Special = (shell: Shell) => VariableValue

const specials: Readonly<Record<string, Special>> = {
  RANDOM: (shell) => String(nextRandom(shell)),
  SRANDOM: (shell) => String(shell.process.random.integer(4294967296)),
  SECONDS: (shell) => String(Math.floor((shell.process.clock.now() - shell.startedMs) / 1000)),
  EPOCHSECONDS: (shell) => String(Math.floor(shell.process.clock.now() / 1000)),
  EPOCHREALTIME: (shell) => {
    const now = shell.process.clock.now()
    return `${Math.floor(now / 1000)}.${String(Math.floor((now % 1000) * 1000)).padStart(6, '0')}`
  },
  HISTCMD: (shell) => String(shell.interactive ? shell.historyStart + shell.history.length : 0),
  LINENO: (shell) => String(shell.line),
  BASHPID: (shell) => String(shell.process.pid),
  BASH_SUBSHELL: (shell) => String(shell.subshellLevel),
  BASH_COMMAND: (shell) => shell.bashCommand,
  BASH_ARGV0: (shell) => shell.name,
  BASH_EXECUTION_STRING: (shell) => shell.executionString,
  SHELLOPTS: (shell) => shell.options.shellopts(),
  BASHOPTS: (shell) => shell.options.bashopts(),
  _: (shell) => shell.lastArgument,
  PIPESTATUS: (shell) => new IndexedArray(shell.pipeStatus.map(String)),
  GROUPS: (shell) => new IndexedArray([shell.process.credentials.gid, ...shell.process.credentials.groups.filter((group) => group !== shell.process.credentials.gid)].map(String)),
  DIRSTACK: (shell) => new IndexedArray([shell.vars.find('PWD')?.scalar() ?? shell.process.cwd(), ...shell.directories]),
  FUNCNAME: functionNames,
  BASH_SOURCE: (shell) => {
    const files = [...shell.frames].reverse().map((frame) => frame.file)
    if (shell.scriptFile !== undefined) files.push(shell.scriptFile)
    return files.length === 0 ? undefined : new IndexedArray(files)
  },
  BASH_LINENO: (shell) => {
    const lines = [...shell.frames].reverse().map((frame) => String(frame.callLine))
    if (shell.scriptFile !== undefined) lines.push('0')
    return lines.length === 0 ? undefined : new IndexedArray(lines)
  },
  BASH_ALIASES: (shell) => {
    const array = new AssociativeArray()
    for (const [name, value] of shell.aliases) array.set(name, value)
    return array
  },
  COMP_WORDBREAKS: (shell) => shell.vars.find('COMP_WORDBREAKS')?.value ?? ' \t\n"\'><=;|&(:',
}

/** bash's own generator, so that `RANDOM=42` gives what it gives everywhere. */
function nextRandom(shell: Shell): number {
  const seed = (shell.randomSeed ??= shell.process.random.integer(2147483647)) || 123459876
  const high = Math.trunc((seed | 0) / 127773)
  const next = 16807 * ((seed | 0) - high * 127773) - 2836 * high
  shell.randomSeed = next < 0 ? next + 2147483647 : next
  return ((shell.randomSeed >>> 16) ^ (shell.randomSeed & 65535)) & 32767
}

function functionNames(shell: Shell): VariableValue {
  if (!shell.frames.some((frame) => frame.kind === 'function')) return undefined
  const names = [...shell.frames].reverse().map((frame) => (frame.kind === 'source' ? 'source' : frame.name))
  if (shell.scriptFile !== undefined) names.push('main')
  return new IndexedArray(names)
}

export function special(name: string): Special | undefined {
  return Object.hasOwn(specials, name) ? specials[name] : undefined
}

const unlisted = new Set(['BASH_COMMAND', 'BASHPID', 'BASH_ARGV0', 'BASH_SUBSHELL', 'COMP_WORDBREAKS', 'EPOCHREALTIME', 'EPOCHSECONDS', 'HISTCMD', 'LINENO', 'RANDOM', 'SECONDS', 'SRANDOM'])

export function specialNames(shell: Shell): string[] {
  return Object.keys(specials).filter((name) => !unlisted.has(name) && specials[name]?.(shell) !== undefined)
}
