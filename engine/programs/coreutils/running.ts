/** env, printenv, nohup, nice, stdbuf, yes, true, false, time-limited and environment-changing starts. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { become, which } from '#engine/programs/coreutils/become'

export { become, which } from '#engine/programs/coreutils/become'

const env = defineProgram({
  name: 'env',
  usage: '[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]',
  flags: { ignore: flag('-i', '--ignore-environment'), zero: flag('-0', '--null'), unset: list('-u', '--unset'), directory: option('-C', '--chdir'), split: option('-S', '--split-string'), verbose: flag('-v', '--debug') },
  stopAtOperand: true,
  usageExit: 125,
  rewrite: (args) => (args[0] === '-' ? ['-i', ...args.slice(1)] : args),
  async run(process, o) {
    const bad = o.unset.find((name) => name === '' || name.includes('='))
    if (bad !== undefined) return fail(process, `cannot unset ${quote(process, bad)}: Invalid argument`, 125)
    const split = o.split === undefined ? [] : splitString(o.split, process.env)
    if (typeof split === 'string') return fail(process, split, 125)
    const { words, env: next } = surroundings(process, o, split)
    if (words.length === 0) {
      await print(process, [...next].map(([name, value]) => `${name}=${value}${o.zero ? '\0' : '\n'}`).join(''))
      return 0
    }
    try {
      if (o.directory !== undefined) process.chdir(o.directory)
    } catch (error) {
      return fail(process, `cannot change directory to ${quoteName(o.directory ?? '')}: ${reason(error)}`, 125)
    }
    const status = await become(process, words, next, (name, text) => `${quote(process, name)}: ${text}`)
    if (status === 127 && o.split === undefined && words[0]?.includes(' ') && which(process, words[0]) === undefined) await complain(process, 'use -[v]S to pass options in shebang lines')
    return status
  },
})

interface EnvOptions {
  readonly ignore: boolean
  readonly unset: readonly string[]
  readonly split: string | undefined
  readonly operands: readonly string[]
}

/** The command, and what is in its environment: assignments stand before it. */
function surroundings(process: Process, o: EnvOptions, split: readonly string[]): { words: string[]; env: Map<string, string> } {
  const next = new Map(o.ignore ? [] : process.env)
  for (const name of o.unset) next.delete(name)
  const words = [...split, ...o.operands]
  while (words[0]?.includes('=')) {
    const word = words.shift() as string
    next.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
  }
  return { words, env: next }
}

/** `-S`: words in quotes, `${NAME}` and escapes; a string says what is wrong. */
function splitString(text: string, env: ReadonlyMap<string, string>): string[] | string {
  const words: string[] = []
  let word: string | undefined
  for (let rest = text; rest !== ''; ) {
    const piece = /^(?:\s+|'[^']*'|"(?:\\.|[^"\\])*"|\$\{\w+\}|\\.|[^\s'"$\\]+)/s.exec(rest)?.[0]
    if (piece === undefined) return rest.startsWith('$') ? 'only ${VARNAME} expansion is supported, error at: ' + rest : 'no terminating quote in -S string'
    rest = rest.slice(piece.length)
    if (/^\s/.test(piece)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + plain(piece, env)
  }
  return word === undefined ? words : [...words, word]
}

function plain(piece: string, env: ReadonlyMap<string, string>): string {
  if (piece.startsWith('$')) return env.get(piece.slice(2, -1)) ?? ''
  if (piece.startsWith("'")) return piece.slice(1, -1)
  return (piece.startsWith('"') ? piece.slice(1, -1) : piece).replace(/\\(.)/gs, '$1').replace(/\$\{(\w+)\}/g, (_, name: string) => env.get(name) ?? '')
}

const printenv = defineProgram({
  name: 'printenv',
  usage: '[OPTION]... [VARIABLE]...',
  flags: { zero: flag('-0', '--null') },
  usageExit: 2,
  async run(process, o) {
    const end = o.zero ? '\0' : '\n'
    if (o.operands.length === 0) {
      await print(process, [...process.env].map(([name, value]) => `${name}=${value}${end}`).join(''))
      return 0
    }
    let status = 0
    for (const name of o.operands) {
      const value = process.env.get(name)
      if (value === undefined) status = 1
      else await print(process, value + end)
    }
    return status
  },
})

const nohup = defineProgram({
  name: 'nohup',
  usage: 'COMMAND [ARG]...',
  flags: {},
  stopAtOperand: true,
  usageExit: 125,
  async run(process, { operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand', 125)
    process.handle('SIGHUP', 'ignore')
    const tty = (fd: number): boolean => process.descriptors().get(fd)?.kind === 'tty'
    const ignoring = tty(0)
    if (ignoring) process.install(process.files.open('/dev/null', { write: true }), 0)
    if (tty(1)) {
      process.install(process.files.open('nohup.out', { write: true, create: true, append: true }, 0o600), 1)
      await complain(process, `${ignoring ? 'ignoring input and ' : ''}appending output to ${quote(process, 'nohup.out')}`)
    } else if (ignoring) await complain(process, tty(2) ? 'ignoring input and redirecting stderr to stdout' : 'ignoring input')
    if (tty(2)) process.install(process.descriptor(1), 2)
    return become(process, operands, process.env, (name, text) => `failed to run command ${quoteName(name)}: ${text}`)
  },
})

const nice = defineProgram({
  name: 'nice',
  usage: '[OPTION] [COMMAND [ARG]...]',
  flags: { adjustment: option('-n', '--adjustment') },
  stopAtOperand: true,
  usageExit: 125,
  rewrite: (args) => (/^-\d+$/.test(args[0] ?? '') ? ['-n', (args[0] as string).slice(1), ...args.slice(1)] : args),
  async run(process, o) {
    if (o.adjustment !== undefined && !/^[-+]?\d+$/.test(o.adjustment)) {
      await complain(process, `invalid adjustment ${quote(process, o.adjustment)}`)
      return 125
    }
    if (o.operands.length === 0) {
      if (o.adjustment !== undefined) return usageFailure(process, 'a command must be given with an adjustment', 125)
      await print(process, `${ownNice(process)}\n`)
      return 0
    }
    try {
      process.setNice(process.pid, ownNice(process) + Number(o.adjustment ?? 10))
    } catch (error) {
      await complain(process, `cannot set niceness: ${reason(error)}`)
    }
    return become(process, o.operands, process.env, (name, text) => `${quote(process, name)}: ${text}`)
  },
})

function ownNice(process: Process): number {
  return process.processes().find((entry) => entry.pid === process.pid)?.nice ?? 0
}

const stdbuf = defineProgram({
  name: 'stdbuf',
  usage: 'OPTION... COMMAND',
  flags: { input: option('-i', '--input'), output: option('-o', '--output'), error: option('-e', '--error') },
  stopAtOperand: true,
  usageExit: 125,
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand', 125)
    if (o.input === undefined && o.output === undefined && o.error === undefined) return usageFailure(process, 'you must specify a buffering mode option', 125)
    return become(process, o.operands, process.env, (name, text) => `failed to run command ${quote(process, name)}: ${text}`)
  },
})

const yes = defineProgram({
  name: 'yes',
  usage: '[STRING]...',
  flags: {},
  async run(process, { operands }) {
    const block = `${operands.length > 0 ? operands.join(' ') : 'y'}\n`.repeat(512)
    for (;;) {
      await process.compute(0.05)
      await print(process, block)
    }
  },
})

const constant = (name: string, code: number): Program => ({ name, run: (process) => (process.argv[1] === '--version' ? print(process, `${name} (GNU coreutils) 9.1\n`).then(() => code) : Promise.resolve(code)) })

export const runningPrograms: readonly Program[] = [env, printenv, nohup, nice, stdbuf, yes, constant('true', 0), constant('false', 1)]
