/** mawk's command line. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { complaintLine } from '#engine/programs/common/busybox'
import { readInput, reason } from '#engine/programs/common/gnu'
import { fromBytes, toBytes } from '#engine/programs/text/awk/streams'

export interface Arguments {
  readonly source: string
  readonly assignments: readonly (readonly [string, string])[]
  readonly operands: readonly string[]
}

/** Bytes as characters, as the rest of awk has them. */
export function bytesOf(text: string): string {
  return fromBytes(encodeLossless(text))
}

export async function complain(process: Process, text: string): Promise<number> {
  await process.stderr.write(toBytes(bytesOf(complaintLine(process, process.argv[0]?.split('/').pop() ?? 'awk', text))))
  return 2
}

const version = `mawk 1.3.4 20200120
Copyright 2008-2019,2020, Thomas E. Dickey
Copyright 1991-1996,2014, Michael D. Brennan

random-funcs:       srandom/random
regex-funcs:        internal
compiled limits:
sprintf buffer      8192
maximum-integer     2147483647
`

const usage = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.

    Implementation-specific options are prefixed with "-W".  They can be
    abbreviated:

    -W version       show version information and exit.
    -W dump          show assembler-like listing of program and exit.
    -W help          show this message and exit.
    -W interactive   set unbuffered output, line-buffered input.
    -W exec file     use file as program as well as last option.
    -W random=number set initial random seed.
    -W sprintf=number adjust size of sprintf buffer.
    -W posix_space   do not consider "\\n" a space.
    -W usage         show this message and exit.
`

/** An exit status where there is nothing to run. */
export async function readArguments(process: Process): Promise<Arguments | number> {
  const reader = new OptionReader(process)
  const status = await reader.options()
  if (status !== undefined) return status
  const { assignments, files, rest } = reader
  if (files.length > 0) {
    const source = await sourceOf(process, files)
    return typeof source === 'number' ? source : { source, assignments, operands: rest.map(bytesOf) }
  }
  const source = rest.shift()
  if (source !== undefined) return { source: bytesOf(source), assignments, operands: rest.map(bytesOf) }
  await process.stderr.write(usage)
  return 0
}

class OptionReader {
  readonly assignments: [string, string][] = []
  readonly files: string[] = []
  readonly rest: string[]

  constructor(private readonly process: Process) {
    this.rest = process.argv.slice(1)
  }

  async options(): Promise<number | undefined> {
    while (/^-./.test(this.rest[0] ?? '')) {
      const arg = this.rest.shift() as string
      if (arg === '--') return undefined
      const status = await this.option(arg)
      if (status !== undefined) return status
    }
    return undefined
  }

  private async option(arg: string): Promise<number | undefined> {
    const letter = arg.charAt(1)
    if (!'FfvW'.includes(letter)) return complain(this.process, `not an option: ${arg}`)
    const value = arg.length > 2 ? arg.slice(2) : this.rest.shift()
    if (value === undefined && letter !== 'W') return complain(this.process, `option ${arg} lacks argument`)
    if (letter === 'F') this.assignments.push(['FS', value ?? ''])
    else if (letter === 'f') this.files.push(value ?? '')
    else if (letter === 'v') return this.assignment(value ?? '')
    else return this.implementation(value ?? '')
    return undefined
  }

  private async assignment(text: string): Promise<number | undefined> {
    if (!/^[A-Za-z_]\w*=/.test(text)) return complain(this.process, `improper assignment: -v ${text}`)
    this.assignments.push([text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
    return undefined
  }

  private async implementation(text: string): Promise<number | undefined> {
    const shown = /^v/.test(text) ? version : /^[hu]/.test(text) ? usage : undefined
    if (shown === undefined) return undefined
    await (shown === version ? this.process.stdout : this.process.stderr).write(shown)
    return 0
  }
}

async function sourceOf(process: Process, files: readonly string[]): Promise<string | number> {
  const texts: string[] = []
  for (const file of files) {
    try {
      texts.push(fromBytes(await readInput(process, file)))
    } catch (error) {
      return complain(process, `cannot open ${file} (${reason(error)})`)
    }
  }
  return texts.join('\n')
}
