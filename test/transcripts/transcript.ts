/**
 * Terminal transcripts: plain text, run against a cluster on virtual time.
 *
 *   # title: ...            what the transcript shows
 *   # profile: two          the cluster (default one)
 *   # fresh: /tmp/dt         each command runs in this folder, made anew before it; what it prints was recorded on a real Debian 12
 *   @on node01              the commands that follow run there (default controlplane)
 *   @ advance 40s           virtual time passes
 *   @until 60 REGEX ;; cmd  the command is repeated until its output matches, at most 60 virtual seconds
 *   $ command               what it prints (stdout and stderr together) follows, then `[exit N]` where N is not 0
 *   > ...                   goes on with the command
 */
import { profiles, type ProfileName } from '#engine/cluster/index'
import { Cluster, type ClusterSnapshot } from '#engine/cluster/cluster'
import { ClockDriver } from '#app/host/driver'
import { ClusterKeys } from '#app/host/keys'
import { World } from '#labs/runner/index'

export interface Step {
  readonly kind: 'command' | 'advance' | 'until' | 'on'
  readonly text: string
  readonly expected: string
}

export interface Transcript {
  readonly title: string
  readonly profile: ProfileName
  /** A folder that is made anew for each command. */
  readonly fresh: string | undefined
  readonly steps: readonly Step[]
}

const marks: readonly (readonly [string, Step['kind']])[] = [['$ ', 'command'], ['@on ', 'on'], ['@ advance ', 'advance'], ['@until ', 'until']]

export function parseTranscript(text: string): Transcript {
  const steps: { kind: Step['kind']; text: string; expected: string[] }[] = []
  const head: Record<string, string> = {}
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const header = /^# (title|profile|fresh): (.*)$/.exec(line)
    const mark = marks.find(([start]) => line.startsWith(start))
    const last = steps.at(-1)
    if (header && !last) head[header[1] ?? ''] = header[2] ?? ''
    else if (mark) steps.push({ kind: mark[1], text: line.slice(mark[0].length), expected: [] })
    else if (line.startsWith('> ') && last?.expected.length === 0) last.text += `\n${line.slice(2)}`
    else last?.expected.push(line)
  }
  return { title: head['title'] ?? '', profile: (head['profile'] ?? 'one') as ProfileName, fresh: head['fresh'], steps: steps.map((step) => ({ ...step, expected: step.expected.join('\n').replace(/\n+$/, '') })) }
}

/** Runs it; the text as it would be written with what was really printed. */
export async function runTranscript(source: string, image: ClusterSnapshot): Promise<string> {
  const transcript = parseTranscript(source)
  const cluster = new Cluster({ profile: profiles[transcript.profile], seed: transcript.title, startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image })
  const world = new World(cluster, (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs))
  try {
    await world.run('controlplane', 'until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.1; done')
    return await play(transcript, source, world)
  } finally {
    cluster.dispose()
  }
}

async function play(transcript: Transcript, source: string, world: World): Promise<string> {
  let host = 'controlplane'
  const out: string[] = source.split('\n').slice(0, source.split('\n').findIndex((line) => !line.startsWith('# ')))
  for (const step of transcript.steps) {
    if (step.kind === 'on') {
      host = step.text
      out.push(`@on ${step.text}`)
    } else if (step.kind === 'advance') {
      await world.pass(Number(step.text.replace(/s$/, '')) * 1000)
      out.push(`@ advance ${step.text}`)
    } else if (step.kind === 'until') {
      await until(world, host, step.text)
      out.push(`@until ${step.text}`)
    } else out.push(...(await command(world, host, step.text, transcript.fresh)))
  }
  return `${out.join('\n')}\n`
}

async function until(world: World, host: string, text: string): Promise<void> {
  const match = /^(\d+) (.*?) ;; ([\s\S]*)$/.exec(text)
  if (!match) throw new Error(`bad @until: ${text}`)
  const end = world.cluster.clock.now() + Number(match[1]) * 1000
  const wanted = new RegExp(match[2] ?? '', 'm')
  for (;;) {
    const result = await world.run(host, `exec 2>&1; ${match[3] ?? ''}`)
    if (wanted.test(result.stdout)) return
    if (world.cluster.clock.now() > end) throw new Error(`not within ${match[1] ?? ''} s: ${match[3] ?? ''}\n${result.stdout}`)
    await world.pass(1000)
  }
}

async function command(world: World, host: string, text: string, fresh: string | undefined): Promise<string[]> {
  const result = await world.run(host, `exec 2>&1; ${fresh === undefined ? '' : `cd /tmp; rm -rf ${fresh}; mkdir ${fresh}; cd ${fresh}; `}${text}`)
  const printed = result.stdout.replace(/\n+$/, '')
  return [`$ ${text.split('\n').join('\n> ')}`, ...(printed === '' ? [] : [printed]), ...(result.code === 0 ? [] : [`[exit ${result.code}]`])]
}
