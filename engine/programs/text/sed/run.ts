/** A script over the files of a command line: to the output, or each file in its place. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { isBusybox } from '#engine/programs/common/busybox'
import { Output, reason } from '#engine/programs/common/gnu'
import { type Command, SedError } from '#engine/programs/text/sed/commands'
import { LineSource } from '#engine/programs/text/sed/lines'
import { SedMachine } from '#engine/programs/text/sed/machine'

export interface SedFlags {
  readonly silent: boolean
  readonly extended: boolean
  readonly inPlace: string | undefined
  readonly separate: boolean
  readonly nullData: boolean
  readonly unbuffered: boolean
  readonly lineLength: string | undefined
}

export class SedRun {
  private status = 0

  constructor(
    private readonly process: Process,
    private readonly commands: Command[],
    private readonly o: SedFlags,
    private readonly say: (text: string) => Promise<void>,
  ) {}

  async run(names: readonly string[]): Promise<number> {
    return this.o.inPlace === undefined ? this.filter(names) : this.edit(names, this.o.inPlace)
  }

  private async filter(names: readonly string[]): Promise<number> {
    const out = new Output(this.process)
    const machine = this.machine((text) => this.show(out, text))
    const groups = this.o.separate ? names.map((name) => [name]) : [names]
    let failed = 0
    for (const group of groups) {
      machine.resetLines()
      failed = await this.guarded(() => machine.run(this.source(group)))
      if (failed || machine.exitCode !== undefined) break
    }
    await out.flush()
    machine.release()
    return failed || machine.exitCode || this.status
  }

  /** Input from a pipe may come slowly: what is done is shown. */
  private async show(out: Output, text: string): Promise<void> {
    await out.write(text)
    const input = this.process.descriptors().get(0)?.kind
    if (this.o.unbuffered || input === 'tty' || input === 'pipe' || input === 'socket') await out.flush()
  }

  private machine(write: (text: string) => Promise<void>): SedMachine {
    const { silent, extended, nullData, lineLength } = this.o
    return new SedMachine(this.process, this.commands, { silent, extended, nullData, lineLength: lineLength === undefined ? 70 : Number(lineLength), write })
  }

  private source(names: readonly string[]): LineSource {
    return new LineSource(this.process, names, this.o.nullData ? 0 : 10, async (name, error) => {
      if (isErrno(error, 'EISDIR') && !isBusybox(this.process)) throw new SedError(`read error on ${name}: Is a directory`, 4)
      this.status = isBusybox(this.process) ? 1 : 2
      await this.say(isErrno(error, 'EISDIR') ? `read error on ${name}: Is a directory` : `can't read ${name}: ${reason(error)}`)
    })
  }

  /** The exit status after an error of the script's own. */
  private async guarded(run: () => Promise<void>): Promise<number> {
    try {
      await run()
      return 0
    } catch (error) {
      if (error instanceof SedError) {
        await this.say(error.message)
        return error.exit
      }
      if (!isErrno(error)) throw error
      await this.say(`couldn't open file ${error.subject ?? ''}: ${error.message}`)
      return 4
    }
  }

  private async edit(names: readonly string[], suffix: string): Promise<number> {
    for (const name of names) {
      const stat = this.process.files.exists(name)
      if (stat && stat.type !== 'file') {
        await this.say(`couldn't edit ${name}: not a regular file`)
        this.status = 4
        continue
      }
      const exit = await this.editFile(name, stat, suffix)
      if (exit) return exit
    }
    return this.status
  }

  private async editFile(name: string, stat: Stat | undefined, suffix: string): Promise<number> {
    let text = ''
    const machine = this.machine(async (piece) => void (text += piece))
    machine.resetLines()
    const source = this.source([name])
    const failed = await this.guarded(() => machine.run(source))
    if (failed) return failed
    if (stat && !source.failed) {
      // What comes after `q` stays.
      for (let line = await source.next(); line; line = await source.next()) text += line.text + (line.ended ? '\n' : '')
      this.replace(name, text, stat, suffix)
    }
    machine.release()
    return machine.exitCode ?? 0
  }

  private replace(name: string, text: string, stat: Stat, suffix: string): void {
    const { files } = this.process
    const backup = suffix.includes('*') ? suffix.replaceAll('*', name) : name + suffix
    if (suffix !== '') files.writeFile(backup, files.readFile(name), stat.mode)
    files.replaceFile(name, encodeLossless(text), stat.mode & 0o7777)
  }
}
