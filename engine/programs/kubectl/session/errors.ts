/** Errors as kubectl words and joins them (its cmd/util/helpers). */
import { ConnectionError } from '#engine/client/errors'
import { StatusError } from '#engine/api/status'
import { PlainError } from '#engine/programs/common/kube/plain-error'
import { contextProblem, InvalidConfiguration } from '#engine/programs/common/kube/usable'

export { PlainError }

/** Printed as `error: MESSAGE`. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

/** A printer gave up: what it had printed by then, and what helps to find out why, still goes to standard output. */
export class PrintFailure extends CliError {
  constructor(
    message: string,
    readonly printed: string,
  ) {
    super(message)
  }
}

/** The client itself cannot be made from what it was given: always told as `error: MESSAGE`. */
export class SetupError extends CliError {}

/** `--request-timeout` passed while an answer still came in. */
export class TimedOut extends CliError {}

/** Several errors at once. */
export class Aggregate extends Error {
  override readonly name = 'Aggregate'

  constructor(readonly errors: readonly Error[]) {
    super(aggregateMessage(errors))
  }
}

/** Errors collected twice over: even a single one is told without `error:`. */
export class Collected extends Aggregate {}

/** Ends with a code and prints nothing more. */
export class ExitError extends Error {
  override readonly name = 'ExitError'

  constructor(
    readonly code: number,
    message = '',
  ) {
    super(message)
  }
}

/** A resource type the server does not have, found through a table of its own. */
export class NoMatchError extends Error {
  override readonly name = 'NoMatchError'
}

function aggregateMessage(errors: readonly Error[]): string {
  const messages = [...new Set(errors.flatMap((error) => (error instanceof Aggregate ? error.errors.map((inner) => inner.message) : [error.message])))]
  return messages.length === 1 ? (messages[0] as string) : `[${messages.join(', ')}]`
}

/** Nothing, the one error, or all of them. */
export function throwAll(errors: readonly Error[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new Aggregate(errors)
}

export function flatten(errors: readonly Error[]): Error[] {
  return errors.flatMap((error) => (error instanceof Aggregate ? flatten(error.errors) : [error]))
}

/** What stands on standard error, and the exit code. */
export function describeError(thrown: Error): { text: string; code: number } {
  let error = thrown
  if (error instanceof Aggregate && error.errors.length === 1) error = error.errors[0] as Error
  if (error instanceof ExitError) return { text: error.message, code: error.code }
  if (error instanceof StatusError && error.status.reason === 'Invalid') return { text: invalidMessage(error), code: 1 }
  if (error instanceof InvalidConfiguration) return { text: configurationMessage(error, thrown instanceof Aggregate), code: 1 }
  if (error instanceof Aggregate) return { text: error.errors.map((inner) => `${messageFor(inner)}\n`).join(''), code: 1 }
  if (isPlain(thrown, error)) return { text: error.message, code: 1 }
  const standard = standardMessage(error)
  if (standard !== undefined) return { text: standard, code: 1 }
  return { text: error.message.startsWith('error: ') ? error.message : `error: ${error.message}`, code: 1 }
}

function isPlain(thrown: Error, error: Error): boolean {
  return error instanceof PlainError || (thrown instanceof Collected && error instanceof CliError && !(error instanceof SetupError))
}

export function messageFor(error: Error): string {
  return standardMessage(error) ?? error.message
}

export function standardMessage(error: Error): string | undefined {
  if (error instanceof StatusError) {
    if (error.status.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`
    return error.status.reason ? `Error from server (${error.status.reason}): ${error.message}` : `Error from server: ${error.message}`
  }
  if (error instanceof ConnectionError) {
    if (error.detail.includes('connection refused')) return `The connection to the server ${hostOf(error.url)} was refused - did you specify the right host or port?`
    return `Unable to connect to the server: ${error.detail}`
  }
  return undefined
}

function hostOf(url: string): string {
  return URL.canParse(url) ? url.replace(/^[a-z]+:\/\//, '').split('/')[0] as string : url
}

function invalidMessage(error: StatusError): string {
  const { details, message = '' } = error.status
  let text = 'The request is invalid'
  if (!details) return message === '' ? text : `${text}: ${message}`
  const causes = [...new Set((details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))]
  if (details.kind || details.name) text = `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`
  else if (message !== '' && causes.length === 0) text += `: ${message}`
  if (causes.length === 0) return text
  return causes.length === 1 ? `${text}: ${causes[0] as string}` : `${text}: \n${causes.map((cause) => `* ${cause}\n`).join('')}`
}

/** One problem alone is an error like others, but where it comes out of a search for objects. */
function configurationMessage({ problems }: InvalidConfiguration, isWrapped: boolean): string {
  const [first = ''] = problems
  if (problems.length > 1) return `Error in configuration: \n${problems.map((problem) => `* ${problem}\n`).join('')}`
  return `${isWrapped || first.startsWith(contextProblem) ? 'Error in configuration' : 'error'}: ${first}`
}

/** `error when creating "f.yaml": ...`, keeping the status. */
export function withSource(verb: string, source: string | undefined, error: Error): Error {
  if (!source) return error
  const message = `error when ${verb} ${JSON.stringify(source)}: ${error.message}`
  if (error instanceof StatusError) return new StatusError({ ...error.status, message })
  return new CliError(message)
}

/** UsageErrorf of kubectl. */
export function usageError(path: string, message: string): CliError {
  return new CliError(`${message}\nSee '${path} -h' for help and examples`)
}
