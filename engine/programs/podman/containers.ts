/** podman ps, start, stop, restart, kill, rm, wait, exec, logs, port, top, rename and the like. */
import { parseSignal } from '#engine/linux/abi/signals'
import { execIn, attach } from '#engine/cri/podman/exec'
import { checkName } from '#engine/cri/podman/create'
import { removeContainer, signalContainer, startContainer, stopContainer, waitFor } from '#engine/cri/podman/lifecycle'
import { pauseContainer, unpauseContainer } from '#engine/cri/podman/pause'
import { logLines, type LogLine } from '#engine/cri/podman/logs'
import { type ContainerRecord, PodmanError } from '#engine/cri/podman/model'
import { foreground } from './run'
import { chosen } from './choose'
import { each, type Commands, say, type Session } from './session'

async function start(session: Session): Promise<number> {
  const { flags, library } = session
  if (flags.has('attach') || flags.has('interactive')) return foreground(session, library.presentContainer(flags.operands[0] ?? ''))
  return each(session, flags.has('all') ? library.containers().map((record) => record.id) : flags.operands, async (name) => {
    const record = library.presentContainer(name)
    if (library.state(record.id).status !== 'running') {
      try {
        await startContainer(library, record)
      } catch (error) {
        if (error instanceof PodmanError) throw new PodmanError(`unable to start container ${JSON.stringify(record.id)}: ${error.message}`, 125)
        throw error
      }
    }
    await say(session, `${name}\n`)
  })
}

function timeout(session: Session): number | undefined {
  const text = session.flags.value('time')
  return text === undefined ? undefined : Number(text)
}

async function stop(session: Session): Promise<number> {
  const names = chosen(session, 'you must provide at least one name or id', true)
  return each(session, names, async (name) => {
    const record = session.library.container(name)
    if (!record && session.flags.has('ignore')) return
    const found = record ?? session.library.presentContainer(name)
    await stopContainer(session.library, found, timeout(session))
    await say(session, `${session.flags.has('all') ? found.id : name}\n`)
  })
}

async function restart(session: Session): Promise<number> {
  const names = chosen(session, 'you must provide at least one name or id', session.flags.has('running'))
  return each(session, names, async (name) => {
    const record = session.library.presentContainer(name)
    await stopContainer(session.library, record, timeout(session))
    await startContainer(session.library, record)
    await say(session, `${record.id}\n`)
  })
}

async function kill(session: Session): Promise<number> {
  const signal = parseSignal(session.flags.value('signal') ?? 'SIGKILL')
  if (!signal) throw new PodmanError(`invalid signal: ${session.flags.value('signal') ?? ''}`)
  return each(session, chosen(session, 'you must provide at least one name or id', true), async (name) => {
    const record = session.library.presentContainer(name)
    if (session.library.state(record.id).status !== 'running') throw new PodmanError(`can only kill running containers. ${record.id} is in state ${session.library.state(record.id).status}: container state improper`)
    if (signal === 'SIGKILL') session.library.saveState(record.id, { stoppedByUser: true })
    await signalContainer(session.library, record, signal)
    await say(session, `${name}\n`)
  })
}

function holding(work: (library: Session['library'], record: ContainerRecord) => void): (session: Session) => Promise<number> {
  return (session) => each(session, chosen(session, 'you must provide at least one name or id', false), async (name) => {
    const record = session.library.presentContainer(name)
    work(session.library, record)
    await say(session, `${record.id}\n`)
  })
}

async function rm(session: Session): Promise<number> {
  const { flags, library } = session
  const names = chosen(session, 'you must provide at least one name or id', false)
  return each(session, names, async (name) => {
    const record = library.container(name)
    if (!record) {
      if (flags.has('ignore') || flags.has('force')) return
      throw new PodmanError(`no container with ID or name ${JSON.stringify(name)} found: no such container`, 1)
    }
    if (record.isInfra) throw new PodmanError(`container ${record.id} is the infra container of pod ${record.pod ?? ''} and cannot be removed without removing the pod`, 125)
    await removeContainer(library, record, { force: flags.has('force'), timeout: timeout(session), volumes: flags.has('volumes') })
    await say(session, `${flags.has('all') ? record.id : name}\n`)
  })
}

async function wait(session: Session): Promise<number> {
  return each(session, session.flags.operands, async (name) => {
    const record = session.library.presentContainer(name)
    const code = session.library.state(record.id).status === 'running' ? await waitFor(session.library, record) : session.library.state(record.id).exitCode
    await say(session, `${code}\n`)
  })
}

async function exec(session: Session): Promise<number> {
  const { flags, library } = session
  const [name = '', ...args] = flags.operands
  if (args.length === 0) throw new PodmanError('must provide a non-empty command to start an exec session: invalid argument')
  const record = library.presentContainer(name)
  return execIn(library, record, { args, env: flags.all('env'), cwd: flags.value('workdir'), user: flags.value('user'), privileged: flags.has('privileged'), interactive: flags.has('interactive') || flags.has('tty') })
}

async function logs(session: Session): Promise<number> {
  const { flags, library } = session
  const records = flags.operands.map((name) => library.presentContainer(name))
  const tail = flags.value('tail')
  for (const record of records) {
    const lines = logLines(library, record)
    await print(session, record, tail === undefined || Number(tail) < 0 ? lines : lines.slice(Math.max(0, lines.length - Number(tail))))
    if (flags.has('follow')) await follow(session, record)
  }
  return 0
}

async function print(session: Session, record: ContainerRecord, lines: readonly LogLine[]): Promise<void> {
  const { flags, process } = session
  const since = flags.value('since')
  for (const line of lines) {
    if (since !== undefined && line.time < sinceTime(session, since)) continue
    const head = `${flags.has('names') ? `${record.name} ` : flags.operands.length > 1 ? `${record.id.slice(0, 12)} ` : ''}${flags.has('timestamps') ? `${line.time} ` : ''}`
    await (line.stream === 'stderr' ? process.stderr : process.stdout).write(`${head}${line.text}${line.partial ? '' : '\n'}`)
  }
}

function sinceTime(session: Session, text: string): string {
  const match = /^(\d+)([smh])$/.exec(text)
  if (!match) return text
  const span = Number(match[1]) * (match[2] === 'h' ? 3_600_000 : match[2] === 'm' ? 60_000 : 1000)
  return new Date(Math.floor(session.library.now() - span)).toISOString()
}

async function follow(session: Session, record: ContainerRecord): Promise<void> {
  if (session.library.state(record.id).status === 'running') await attach(session.library, record, { stdin: false, terminal: false })
}

async function port(session: Session): Promise<number> {
  const { flags, library } = session
  const records = flags.has('all') ? library.containers() : [library.presentContainer(flags.operands[0] ?? '')]
  const wanted = flags.operands[1]
  for (const record of records) {
    const lines = record.ports.filter((each) => wanted === undefined || `${each.containerPort}/${each.protocol}` === (wanted.includes('/') ? wanted : `${wanted}/tcp`)).map((each) => `${flags.has('all') ? `${record.id.slice(0, 12)}\t` : ''}${wanted === undefined ? `${each.containerPort}/${each.protocol} -> ` : ''}${each.hostIp === '' ? '0.0.0.0' : each.hostIp}:${each.hostPort}\n`)
    if (wanted !== undefined && lines.length === 0) throw new PodmanError(`failed to find published port ${JSON.stringify(wanted)}`)
    await say(session, lines.join(''))
  }
  return 0
}

async function rename(session: Session): Promise<number> {
  const [from = '', to = ''] = session.flags.operands
  const record = session.library.presentContainer(from)
  checkName(session.library, to)
  record.name = to
  session.library.saveContainer(record)
  return 0
}

async function attachTo(session: Session): Promise<number> {
  const record = session.library.presentContainer(session.flags.operands[0] ?? '')
  if (session.library.state(record.id).status !== 'running') throw new PodmanError('you can only attach to running containers')
  const ended = waitFor(session.library, record)
  await attach(session.library, record, { stdin: !session.flags.has('no-stdin') && record.interactive, terminal: record.terminal })
  return ended
}

async function prune(session: Session): Promise<number> {
  const gone = session.library.containers().filter((record) => record.pod === undefined && session.library.state(record.id).status !== 'running')
  for (const record of gone) {
    await removeContainer(session.library, record, { force: true })
    await say(session, `${record.id}\n`)
  }
  return 0
}

export const containerCommands: Commands = {
  start: { flags: 'all attach,a interactive,i detach-keys= sig-proxy filter,f= latest,l', run: start },
  stop: { flags: 'all,a time,t= ignore,i latest,l cidfile= filter,f=', run: stop },
  restart: { flags: 'all,a time,t= running latest,l', run: restart },
  pause: { flags: 'all,a filter,f= latest,l cidfile=', run: holding(pauseContainer) },
  unpause: { flags: 'all,a filter,f= latest,l cidfile=', run: holding(unpauseContainer) },
  kill: { flags: 'all,a signal,s= latest,l cidfile=', run: kill },
  rm: { flags: 'all,a force,f time,t= volumes,v ignore,i depend latest,l cidfile= filter=', run: rm },
  wait: { flags: 'condition= interval,i= ignore latest,l', operands: [1, 99], run: wait },
  exec: { flags: 'detach,d detach-keys= env,e= env-file= interactive,i latest,l preserve-fds= privileged tty,t user,u= workdir,w=', stop: 1, operands: [1, 9999], run: exec },
  logs: { flags: 'follow,f names,n since= tail= timestamps,t until= latest,l color', operands: [1, 99], run: logs },
  port: { flags: 'all,a latest,l', run: port },
  rename: { flags: '', operands: [2, 2], run: rename },
  attach: { flags: 'detach-keys= latest,l no-stdin sig-proxy', operands: [1, 1], run: attachTo },
  'container prune': { flags: 'force,f filter=', run: prune },
  'container exists': { flags: 'external', operands: [1, 1], run: async (session) => (session.library.container(session.flags.operands[0] ?? '') ? 0 : 1) },
}
