/** GNU sed 4.9. */
import { complaintLine, isBusybox } from '#engine/programs/common/busybox'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { flag, list, optional, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { Output, readInputText, reason } from '#engine/programs/common/gnu'
import { SedError, type Command } from '#engine/programs/text/sed/commands'
import { LineSource, SedMachine, type SedOptions } from '#engine/programs/text/sed/machine'
import { parseSed, type ScriptPart } from '#engine/programs/text/sed/parser'

const flags = {
  silent: flag('-n', '--quiet', '--silent'), debug: flag('--debug'), expression: list('-e', '--expression'), file: list('-f', '--file'), extended: flag('-E', '-r', '--regexp-extended'), inPlace: optional('-i', '--in-place'), lineLength: option('-l', '--line-length'), posix: flag('--posix'),
  separate: flag('-s', '--separate'), sandbox: flag('--sandbox'), unbuffered: flag('-u', '--unbuffered'), nullData: flag('-z', '--null-data'), followSymlinks: flag('--follow-symlinks'), binary: flag('-b', '--binary'),
} as const

const usage = `Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent      suppress automatic printing of pattern space
  -e script                  add the script to the commands to be executed
  -f script-file             add the contents of script-file to the commands
  -E, -r                     use extended regular expressions in the script
  -i[SUFFIX]                 edit files in place (makes backup if SUFFIX supplied)
  -s, --separate             consider files as separate
  -z, --null-data            separate lines by NUL characters
`

export const sed: Program = {
  name: 'sed',
  async run(process) {
    const say = (text: string): Promise<void> => process.stderr.write(encodeLossless(complaintLine(process, process.argv[0] ?? 'sed', text)))
    let parsed
    try {
      parsed = parseFlags(flags, process.argv.slice(1), false)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await say(error.message)
      await process.stderr.write(usage)
      return 1
    }
    if (parsed.help || parsed.version) {
      await process.stdout.write(parsed.help ? usage : 'sed (GNU sed) 4.9\n')
      return 0
    }
    const o = parsed.values
    const operands = [...parsed.operands]
    const parts = await scriptParts(process, operands, say)
    if (parts === undefined) {
      await process.stderr.write(usage)
      return 1
    }
    if (typeof parts === 'number') return parts
    let script: { commands: Command[]; silent: boolean }
    try {
      script = parseSed(parts, o.extended)
    } catch (error) {
      if (!(error instanceof SedError)) throw error
      await say(error.message)
      return error.exit
    }
    return new Sed(process, script.commands, { ...o, silent: o.silent || script.silent }, say).run(operands.length > 0 ? operands : ['-'])
  },
}

/** In the order in which -e and -f were given. */
async function scriptParts(process: Process, operands: string[], say: (text: string) => Promise<void>): Promise<ScriptPart[] | number | undefined> {
  const parts: ScriptPart[] = []
  const args = process.argv.slice(1)
  let number = 0
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') break
    const match = /^-[nErsuzb]*([ef])(.*)$/s.exec(arg) ?? /^--(e|f)(?:xpression|ile)=(.*)$/s.exec(arg)
    const long = /^--(expression|file)$/.exec(arg)
    if (!match && !long) continue
    const kind = match ? match[1] : (long as RegExpExecArray)[1]?.charAt(0)
    const value = match && (match[2] !== '' || arg.startsWith('--')) ? (match[2] as string) : (args[++i] ?? '')
    if (kind === 'e') parts.push({ text: value, where: `-e expression #${++number}` })
    else {
      try {
        parts.push({ text: (await readInputText(process, value)).replace(/\n$/, ''), where: `file ${value}` })
      } catch (error) {
        await say(`couldn't open file ${value}: ${reason(error)}`)
        return 4
      }
    }
  }
  if (parts.length > 0) return parts
  const first = operands.shift()
  return first === undefined ? undefined : [{ text: first, where: '-e expression #1' }]
}

interface SedFlags {
  readonly silent: boolean
  readonly extended: boolean
  readonly inPlace: string | undefined
  readonly separate: boolean
  readonly nullData: boolean
  readonly unbuffered: boolean
  readonly lineLength: string | undefined
}

class Sed {
  private status = 0

  constructor(
    private readonly process: Process,
    private readonly commands: Command[],
    private readonly o: SedFlags,
    private readonly say: (text: string) => Promise<void>,
  ) {}

  async run(names: readonly string[]): Promise<number> {
    if (this.o.inPlace !== undefined) return this.edit(names)
    const out = new Output(this.process)
    const machine = new SedMachine(this.process, this.commands, this.options((text) => (this.o.unbuffered || this.process.descriptors().get(0)?.kind === 'tty' ? out.write(text).then(() => out.flush()) : this.streaming(out, text))))
    const groups = this.o.separate ? names.map((name) => [name]) : [names]
    for (const group of groups) {
      machine.resetLines()
      const source = this.source(group)
      const failed = await this.guarded(() => machine.run(source))
      if (failed) return failed
      if (machine.exitCode !== undefined) break
    }
    await out.flush()
    machine.release()
    return machine.exitCode || this.status
  }

  /** Input from a pipe may come slowly: what is done is shown. */
  private async streaming(out: Output, text: string): Promise<void> {
    await out.write(text)
    const input = this.process.descriptors().get(0)
    if (input?.kind === 'pipe' || input?.kind === 'socket') await out.flush()
  }

  private options(write: (text: string) => Promise<void>): SedOptions {
    return { silent: this.o.silent, extended: this.o.extended, separate: this.o.separate, nullData: this.o.nullData, unbuffered: this.o.unbuffered, lineLength: this.o.lineLength === undefined ? 70 : Number(this.o.lineLength), write, complain: this.say }
  }

  private source(names: readonly string[]): LineSource {
    return new LineSource(this.process, names, this.o.nullData ? 0 : 10, async (name, error) => {
      this.status = isBusybox(this.process) ? 1 : 2
      await this.say(isErrno(error, 'EISDIR') ? `${this.o.inPlace === undefined ? `read error on ${name}: Is a directory` : `couldn't edit ${name}: not a regular file`}` : `can't read ${name}: ${reason(error)}`)
    })
  }

  /** The exit status after an error of the script's own. */
  private async guarded(run: () => Promise<void>): Promise<number> {
    try {
      await run()
      return 0
    } catch (error) {
      if (error instanceof Error && error.message === 'no previous regular expression') {
        await this.say('-e expression #1, char 0: no previous regular expression')
        return 1
      }
      if (isErrno(error)) {
        await this.say(`couldn't open file ${error.subject ?? ''}: ${error.message}`)
        return 4
      }
      throw error
    }
  }

  private async edit(names: readonly string[]): Promise<number> {
    for (const name of names) {
      let text = ''
      const machine = new SedMachine(this.process, this.commands, this.options((piece) => {
        text += piece
        return Promise.resolve()
      }))
      machine.resetLines()
      const stat = this.process.files.exists(name)
      if (stat && stat.type !== 'file') {
        await this.say(`couldn't edit ${name}: not a regular file`)
        this.status = 4
        continue
      }
      const source = this.source([name])
      const failed = await this.guarded(() => machine.run(source))
      if (failed) return failed
      if (!source.failed && stat) {
        if (machine.exitCode !== undefined) for (let line = await source.next(); line; line = await source.next()) text += line.text + (line.ended ? '\n' : '')
        const suffix = this.o.inPlace as string
        if (suffix !== '') this.process.files.writeFile(suffix.includes('*') ? suffix.replaceAll('*', name) : name + suffix, this.process.files.readFile(name), stat.mode)
        this.process.files.replaceFile(name, encodeLossless(text), stat.mode & 0o7777)
      }
      machine.release()
      if (machine.exitCode) return machine.exitCode
    }
    return this.status
  }
}

export const sedPrograms: readonly Program[] = [sed]
