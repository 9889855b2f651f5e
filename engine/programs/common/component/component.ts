/** The frame of a daemon's main: flags, `--help`, `--version`, its log, and the last line it writes when it fails. */
import { Klog, withoutStart } from '#engine/base/klog'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { FlagError, Flags } from '#engine/programs/common/cobra/flags'
import { type FlagSection, flagSections, usageText } from '#engine/programs/common/component/flags'

/** Ends the daemon with `"command failed" err="..."` and exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
}

export interface Component {
  readonly name: string
  readonly summary: string
  readonly flagTable: string
  readonly unsupported?: string
  /** A wrong flag is only named; else the usage stands before it. */
  readonly silenceUsage?: boolean
  run(process: Process, flags: Flags, log: Klog): Promise<number>
}

export const defaultVersion = 'v1.35.4'

/** The version of the build, which its executable on disk carries. */
export function versionOf(process: Process): string {
  return process.executable.attributes['version'] ?? defaultVersion
}

export function klogOf(process: Process): Klog {
  // Written in order; a closed standard error is nobody's concern.
  let tail = Promise.resolve()
  const write = (line: string): void => {
    tail = tail.then(() => process.stderr.write(line)).catch(() => undefined)
  }
  return new Klog(process.clock, process.pid, withoutStart(process, write))
}

export function defineComponent(component: Component): Program {
  let sections: FlagSection[] | undefined
  return {
    name: component.name,
    ...(component.unsupported ? { unsupported: component.unsupported } : {}),
    async run(process) {
      sections ??= flagSections(component.flagTable)
      const flags = new Flags(sections.flatMap((section) => section.flags), (name) => name.replace(/_/g, '-'))
      const refused = parse(flags, process, component.name)
      if (refused !== undefined) {
        await process.stderr.write(`${component.silenceUsage ? '' : `${usageText(component.name, sections)}\n`}Error: ${refused}\n`)
        return 1
      }
      if (flags.bool('help')) {
        await process.stdout.write(`${component.summary}\n\n${usageText(component.name, sections)}`)
        return 0
      }
      if (flags.changed('version') && flags.string('version') !== 'false') {
        await process.stdout.write(`Kubernetes ${versionOf(process)}\n`)
        return 0
      }
      const log = klogOf(process)
      try {
        return await component.run(process, flags, log)
      } catch (error) {
        if (!(error instanceof CommandFailed) && !isErrno(error)) throw error
        await process.stderr.write('')
        log.error('run.go:72', isErrno(error) ? fileError(error) : error.message, 'command failed')
        return 1
      }
    },
  }
}

function parse(flags: Flags, process: Process, name: string): string | undefined {
  try {
    flags.parse(process.argv.slice(1))
  } catch (error) {
    if (error instanceof FlagError) return error.message
    throw error
  }
  const [extra] = flags.args
  return extra === undefined ? undefined : `unknown command ${JSON.stringify(extra)} for ${JSON.stringify(name)}`
}

/** `open /etc/x: no such file or directory`, as Go's os package words it. */
export function fileError(error: { readonly message: string; readonly subject?: string | undefined }, operation = 'open'): string {
  return error.subject ? `${operation} ${error.subject}: ${error.message.toLowerCase()}` : error.message.toLowerCase()
}
