import { duration, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { printFlags } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { completeName } from '../completion/resources'
import { verb } from '../verb'
import { nameOf } from './generator'

const boundKinds: Readonly<Record<string, string>> = { Node: 'v1', Pod: 'v1', Secret: 'v1' }
const serviceAccounts = builtin('', 'v1', 'serviceaccounts', 'ServiceAccount')

export const token = verb({
  use: 'token SERVICE_ACCOUNT_NAME',
  short: 'Request a service account token',
  long: 'Request a service account token.',
  example: '# A token for the service account myapp in the current namespace\nkubectl create token myapp\n\n# With a duration\nkubectl create token myapp --duration 10m',
  flags: [
    ...printFlags,
    stringArray('audience', 'Audience of the requested token. If unset, the default audience of the API server is used. Can be repeated.'),
    string('bound-object-kind', 'Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret.'),
    string('bound-object-name', 'Name of an object to bind the token to. The token is invalid once the object is deleted.'),
    string('bound-object-uid', 'UID of an object to bind the token to.'),
    duration('duration', 'Requested lifetime of the issued token. If not set or if set to 0, the server decides.'),
  ],
  complete: completeName('serviceaccounts'),
  run: runToken,
})

async function runToken(session: Session): Promise<void> {
  const name = nameOf(session, false)
  const { flags } = session
  const printer = flags.string('output') === '' ? undefined : printerFor(session)
  const seconds = flags.number('duration') / 1000
  const kind = flags.string('bound-object-kind')
  if (seconds < 0) throw new CliError('--duration must be greater than or equal to 0')
  if (!Number.isInteger(seconds)) throw new CliError('--duration cannot be expressed in units less than seconds')
  if (flags.list('audience').includes('')) throw new CliError('--audience must not be an empty string')
  checkBinding(session, kind)
  const body = requestOf(session, kind, seconds)
  let answer: KubeObject
  try {
    answer = await session.request('POST', resourcePath(serviceAccounts, session.namespace, name, 'token'), { body })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    throw new CliError(`failed to create token: ${(error as Error).message}`)
  }
  const value = (answer['status'] as { token?: string } | undefined)?.token ?? ''
  if (value === '') throw new CliError('failed to create token: no token in server response')
  if (printer) return await session.out(printer.print(answer))
  await session.out(session.process.descriptor(1).tty ? `${value}\n` : value)
}

function requestOf({ flags }: Session, kind: string, seconds: number): object {
  const ref = kind === '' ? undefined : { kind, apiVersion: boundKinds[kind], name: flags.string('bound-object-name'), ...(flags.string('bound-object-uid') === '' ? {} : { uid: flags.string('bound-object-uid') }) }
  return { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: { audiences: flags.list('audience').length > 0 ? [...flags.list('audience')] : null, expirationSeconds: seconds > 0 ? seconds : null, boundObjectRef: ref ?? null }, status: { token: '', expirationTimestamp: null } }
}

function checkBinding(session: Session, kind: string): void {
  const { flags } = session
  if (kind === '') {
    if (flags.string('bound-object-name') !== '') throw new CliError('--bound-object-name can only be set if --bound-object-kind is provided')
    if (flags.string('bound-object-uid') !== '') throw new CliError('--bound-object-uid can only be set if --bound-object-kind is provided')
    return
  }
  if (!(kind in boundKinds)) throw new CliError(`supported --bound-object-kind values are ${Object.keys(boundKinds).join(', ')}`)
  if (flags.string('bound-object-name') === '') throw new CliError('--bound-object-name is required if --bound-object-kind is provided')
}
