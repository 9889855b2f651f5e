/** The flags of a debugging command, checked in kubectl's order. */
import { isErrno } from '#engine/linux/abi/errno'
import { parseYaml } from '#engine/base/yaml/parser'
import { isObject } from '#engine/programs/kubectl/resources/metadata'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { isImageName } from '../run/run'
import { profileNamed } from './profiles'

export interface DebugOptions {
  readonly targets: readonly string[]
  readonly words: readonly string[]
  readonly env: readonly unknown[]
  readonly attach: boolean
  /** A partial container of --custom. */
  readonly custom: Readonly<Record<string, unknown>> | undefined
}

export async function debugOptions(session: Session): Promise<DebugOptions> {
  const { flags, args } = session
  const dash = session.invocation.argsBeforeDash
  const words = dash >= 0 ? args.slice(dash) : []
  const options: DebugOptions = {
    targets: dash >= 0 && words.length > 0 ? args.slice(0, dash) : args,
    words,
    env: [...flags.map('env')].map(([name, value]) => ({ name, value })),
    attach: flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin'),
    custom: customContainer(session),
  }
  profileNamed(flags.string('profile'))
  checkTarget(session, options)
  checkImages(session, options)
  await checkContainer(session, options)
  return options
}

function checkTarget({ flags }: Session, { words }: DebugOptions): void {
  const has = (name: string): boolean => flags.string(name) !== ''
  const images = flags.map('set-image').size > 0
  const copying: readonly (readonly [boolean, string])[] = [
    [!has('image') && !images && words.length === 0, 'you must specify --image, --set-image or command arguments.'],
    [words.length > 0 && !has('container') && !has('image'), 'you must specify an existing container or a new image when specifying args.'],
  ]
  const direct: readonly (readonly [boolean, string])[] = [
    [flags.bool('replace'), '--replace may only be used with --copy-to.'],
    [flags.bool('same-node'), '--same-node may only be used with --copy-to.'],
    [images, '--set-image may only be used with --copy-to.'],
    [!has('image'), 'you must specify --image when not using --copy-to.'],
  ]
  if (flags.changed('attach') && flags.bool('attach') && !has('image') && !has('container')) throw new CliError('you must specify --container or create a new container using --image in order to attach.')
  for (const [refused, message] of has('copy-to') ? copying : direct) if (refused) throw new CliError(message)
}

function checkImages(session: Session, { targets }: DebugOptions): void {
  const { flags } = session
  const image = flags.string('image')
  const pull = flags.string('image-pull-policy')
  if (image !== '' && !isImageName(image)) throw new CliError(`invalid image name ${JSON.stringify(image)}: invalid reference format`)
  if (targets.length === 0 && flags.list('filename').length === 0) throw new CliError('NAME or filename is required for debug')
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(pull)) throw new CliError(`invalid image pull policy: ${pull}`)
  for (const [name, wanted] of flags.map('set-image')) if (!isImageName(wanted)) throw new CliError(`invalid image name ${JSON.stringify(wanted)} for container ${JSON.stringify(name)}: invalid reference format`)
}

async function checkContainer(session: Session, { custom }: DebugOptions): Promise<void> {
  const { flags } = session
  const target = flags.string('target')
  if (target !== '') {
    if (flags.string('copy-to') !== '') throw new CliError('--target is incompatible with --copy-to. Use --share-processes instead.')
    if (!flags.bool('quiet')) await session.out(`Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`)
  }
  if (flags.bool('tty') && !flags.bool('stdin')) throw new CliError('-i/--stdin is required for containers with -t/--tty=true')
  if (custom && ['name', 'command', 'image', 'lifecycle', 'volumeDevices'].some((field) => field in custom)) throw new CliError('name, command, image, lifecycle and volume devices are not modifiable via custom profile')
  if (flags.string('profile') === 'legacy') await session.err('--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n')
}

function customContainer(session: Session): Readonly<Record<string, unknown>> | undefined {
  const path = session.flags.string('custom')
  if (path === '') return undefined
  let value: unknown
  try {
    value = parseYaml(session.process.files.readText(path))
  } catch (error) {
    throw new CliError(isErrno(error) ? `must pass a container spec json file for custom profile: open ${path}: ${error.message.toLowerCase()}` : (error as Error).message)
  }
  if (!isObject(value)) throw new CliError('json: cannot unmarshal into Go value of type v1.Container')
  return value
}
