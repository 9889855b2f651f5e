import { bool } from '#engine/programs/common/cobra/flags'
import { query } from '#engine/client/client'
import type { Pod } from '#engine/api/kinds'
import { containerFlag, fileFlag, podTimeoutFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { makeRaw, ownStreams, runRemote, type StreamEnds, terminalOf } from '#engine/programs/kubectl/streams/remote'
import { byActivity, findOrDefaultContainer, objectOf, podOf, checkPodTimeout } from '../pods'
import { verb } from '../verb'
import { completeContainer, completePod } from '../completion/resources'

export const exec = verb({
  use: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  short: 'Execute a command in a container',
  long: 'Execute a command in a container.',
  example: "# Get output from running the 'date' command from pod mypod, using the first container by default\nkubectl exec mypod -- date\n\n# Switch to raw terminal mode with a shell in container ruby\nkubectl exec mypod -c ruby-container -i -t -- bash -il",
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    containerFlag, fileFlag, podTimeoutFlag(60_000),
    bool('stdin,i', 'Pass stdin to the container'),
    bool('tty,t', 'Stdin is a TTY'),
    bool('quiet,q', 'Only print output from the remote session'),
  ],
  complete: completePod,
  completeFlags: { container: completeContainer },
  run: runExec,
})

async function runExec(session: Session): Promise<void> {
  const { flags, args } = session
  const dash = session.invocation.argsBeforeDash
  const filenames = flags.list('filename')
  checkPodTimeout(session, (message) => session.usage(message))
  checkArguments(session, dash, filenames)
  const command = filenames.length > 0 ? args.slice(Math.max(dash, 0)) : args.slice(1)
  session.connect()
  if (command.length === 0) throw new CliError('you must specify at least one command for the container')
  const object = await objectOf(session, filenames.length > 0 ? [] : [args[0] as string], filenames)
  const { pod } = await podOf(session, object, session.flags.number('pod-running-timeout'), byActivity)
  refuseCompleted(pod)
  const container = flags.string('container') || (await findOrDefaultContainer(session, pod, '', flags.bool('quiet'))).name
  await execInPod(session, pod, container, command, flags.bool('stdin'), flags.bool('tty'), flags.bool('quiet'))
}

function checkArguments(session: Session, dash: number, filenames: readonly string[]): void {
  const { args } = session
  if (filenames.length === 0 && (args.length === 0 || dash === 0)) throw new CliError('pod, type/name or --filename must be specified')
  if (filenames.length === 0 && args.length > 1 && dash < 0) throw session.usage('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
}

export function refuseCompleted(pod: Pod): void {
  const phase = pod.status?.phase ?? ''
  if (phase === 'Succeeded' || phase === 'Failed') throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`)
}

/** With -t the local terminal is raw while the remote command runs. */
export async function execInPod(session: Session, pod: Pod, container: string, command: readonly string[], stdin: boolean, wantsTty: boolean, quiet: boolean): Promise<void> {
  const terminal = stdin && wantsTty ? terminalOf(session) : undefined
  if (stdin && wantsTty && !terminal && !quiet) await session.err('Unable to use a TTY - input is not a terminal or the right kind of file\n')
  const raw = terminal ? makeRaw(terminal) : undefined
  const tty = raw !== undefined
  const path = resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'exec') + execQuery(command, { container, stdin, stdout: true, stderr: !tty, tty })
  try {
    await runRemote(session, { path, stdin, stdout: true, stderr: !tty, tty }, ownStreams(session, stdin, terminal))
  } finally {
    raw?.restore()
  }
}

/** A command without a terminal, its streams joined to what the caller has. */
export async function execStreams(session: Session, pod: Pod, container: string, command: readonly string[], ends: StreamEnds): Promise<void> {
  const streams = { stdin: ends.stdin !== undefined, stdout: true, stderr: true, tty: false }
  const path = resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'exec') + execQuery(command, { container, ...streams })
  await runRemote(session, { path, ...streams }, ends)
}

export function execQuery(command: readonly string[], options: { container: string; stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }): string {
  const words = command.map((word) => `command=${encodeURIComponent(word)}`).join('&')
  const rest = query(options).slice(1)
  return `?${[words, rest].filter((part) => part !== '').join('&')}`
}
