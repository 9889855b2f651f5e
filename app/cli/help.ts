/** Help and version: what is answered without loading anything else. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { overview, usageOf, usages } from './usage'

export interface Answer {
  readonly text: string
  readonly code: number
}

const versions = ['version', '--version', '-V']
const helps = ['help', '--help', '-h']

/** Undefined where a command is to be run. */
export function answer(name: string, args: readonly string[], isCommand: boolean): Answer | undefined {
  if (versions.includes(name)) return { text: version(), code: 0 }
  if (helps.includes(name)) return args[0] === undefined ? { text: overview(), code: 0 } : told(args[0])
  if (name === '') return { text: overview(), code: 2 }
  if (!isCommand) return unknown(name)
  // What follows the machine of an exec belongs to the command that runs there.
  const own = name === 'exec' ? args.slice(0, 1) : args
  return own.some((arg) => arg !== 'help' && helps.includes(arg)) ? told(name) : undefined
}

function told(command: string): Answer {
  return Object.hasOwn(usages, command) ? { text: usageOf(command), code: 0 } : unknown(command)
}

function unknown(command: string): Answer {
  return { text: `seatrial: unknown command "${command}"\n\n${overview()}`, code: 2 }
}

/** Of this program, and of the Kubernetes it simulates. */
function version(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  const { version: own } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return `seatrial ${own} (Kubernetes v1.35.4, Node ${process.version})`
}
