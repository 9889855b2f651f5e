/** `--record`: the command line is kept in an annotation of what it changed. Deprecated, and still in many a habit. */
import type { KubeObject } from '#engine/api/object'
import { bool } from '#engine/programs/common/cobra/flags'
import type { Session } from '#engine/programs/kubectl/session/session'

export const recordFlag = bool('record', 'Record the command line in an annotation of the object. Without it nothing is recorded but where a record exists.', { deprecated: '--record will be removed in the future', hidden: true })

const changeCause = 'kubernetes.io/change-cause'

/** `kubectl set image deploy/web a=b --record=true`: words first, then flags with their values. */
function commandLine({ process, path, args, flags }: Session): string {
  const given = flags.all().filter((flag) => flags.changed(flag.name)).map((flag) => ({ at: position(process.argv, flag.name, flag.shorthand), text: ` --${flag.name}=${textOf(flags.get(flag.name))}` }))
  const words = [...path.split(' ').slice(1), ...args]
  return `kubectl ${words.join(' ')}${given.sort((a, b) => a.at - b.at).map(({ text }) => text).join('')}`
}

function position(argv: readonly string[], name: string, shorthand: string | undefined): number {
  return argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`) || (shorthand !== undefined && !arg.startsWith('--') && arg.startsWith(`-${shorthand}`)))
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}

export function isRecording({ flags }: Session): boolean {
  return flags.has('record') && flags.bool('record')
}

/** Writes the annotation into an object that is about to be sent. */
export function record(session: Session, object: KubeObject): void {
  if (isRecording(session)) object.metadata.annotations = { ...object.metadata.annotations, [changeCause]: commandLine(session) }
}

export function recordPatch(session: Session): object {
  return { metadata: { annotations: { [changeCause]: commandLine(session) } } }
}
