/** Where an error came from, put before it. */
import { CliError } from '../session/errors'

/** Malformed text of a file is told as it is, without the word on directories. */
export class MalformedYaml extends CliError {}

export function prefixed<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MalformedYaml) throw new MalformedYaml(`${prefix}: ${error.message}`)
    if (error instanceof CliError) throw new CliError(`${prefix}: ${error.message}`)
    throw error
  }
}

/** As fmt's %q has the error. */
export function quoted<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`${prefix} ${JSON.stringify(error.message)}`)
    throw error
  }
}
