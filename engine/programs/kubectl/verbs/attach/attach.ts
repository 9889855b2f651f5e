import { bool } from '#engine/programs/common/cobra/flags'
import { query } from '#engine/client/client'
import type { Container, Pod } from '#engine/api/kinds'
import { containerFlag, podTimeoutFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { makeRaw, ownStreams, runRemote, terminalOf } from '#engine/programs/kubectl/streams/remote'
import { byActivity, findContainer, findOrDefaultContainer, objectOf, podOf, checkPodTimeout } from '../pods'
import { verb } from '../verb'
import { completePod } from '../completion/resources'

export const attach = verb({
  use: 'attach (POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  long: 'Attach to a process that is already running inside an existing container.',
  example: '# Get output from running pod mypod\nkubectl attach mypod\n\n# Switch to raw terminal mode and send stdin\nkubectl attach mypod -c ruby-container -i -t',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [containerFlag, podTimeoutFlag(60_000), bool('stdin,i', 'Pass stdin to the container'), bool('tty,t', 'Stdin is a TTY'), bool('quiet,q', 'Only print output from the remote session')],
  complete: completePod,
  run: runAttach,
})

async function runAttach(session: Session): Promise<void> {
  const { flags, args } = session
  checkPodTimeout(session, (message) => session.usage(message))
  if (args.length === 0) throw new CliError('at least 1 argument is required for attach')
  if (args.length > 2) throw new CliError(`expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`)
  const object = await objectOf(session, args)
  const { pod } = await podOf(session, object, session.flags.number('pod-running-timeout'), byActivity)
  const phase = pod.status?.phase ?? ''
  if (phase === 'Succeeded' || phase === 'Failed') throw new CliError(`cannot attach a container in a completed pod; current phase is ${phase}`)
  await attachToPod(session, pod, { container: flags.string('container'), stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet'), command: session.path })
}

export interface AttachOptions {
  readonly container: string
  readonly stdin: boolean
  readonly tty: boolean
  readonly quiet: boolean
  /** What a message to come back names: `kubectl attach`. */
  readonly command: string
}

export async function attachToPod(session: Session, pod: Pod, options: AttachOptions): Promise<void> {
  const container = await findOrDefaultContainer(session, pod, options.container, options.quiet).catch((error: unknown) => {
    throw error instanceof CliError ? new CliError(`cannot attach to the container: ${error.message}`) : error
  })
  const wantsTty = await terminalWanted(session, container, options)
  const terminal = options.stdin && wantsTty ? terminalOf(session) : undefined
  if (options.stdin && wantsTty && !terminal && !options.quiet) await session.err('Unable to use a TTY - input is not a terminal or the right kind of file\n')
  const raw = terminal ? makeRaw(terminal) : undefined
  const tty = raw !== undefined || (wantsTty && !options.stdin)
  if (!options.quiet) await session.err("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n")
  const streams = { stdin: options.stdin, stdout: true, stderr: !tty, tty }
  const path = resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'attach') + query({ container: container.name, ...streams })
  try {
    await runRemote(session, { path, ...streams }, ownStreams(session, options.stdin, terminal))
  } finally {
    raw?.restore()
  }
  const message = comeBack(pod, container.name, options, raw !== undefined)
  if (message !== '') await session.out(`${message}\n`)
}

/** A container with a terminal is attached to as one, whatever the flags say. */
async function terminalWanted(session: Session, container: Container, { tty, quiet }: AttachOptions): Promise<boolean> {
  if (tty && !container.tty && !quiet) await session.err(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`)
  return container.tty ?? false
}

function comeBack(pod: Pod, container: string, options: AttachOptions, raw: boolean): string {
  if (options.quiet || !options.stdin || !raw || pod.spec?.restartPolicy !== 'Always') return ''
  const again = `${options.command} ${pod.metadata.name ?? ''} -c ${container} -i -t`
  if (findContainer(pod, container)?.path === 'spec.ephemeralContainers') return `Session ended, the ephemeral container will not be restarted but may be reattached using '${again}' if it is still running`
  return `Session ended, resume using '${again}' command when the pod is running`
}
