/** What every ctr command works with: flags, operands, and calls to containerd's client service. */
import { RpcError } from '#engine/cri/rpc'
import { table } from '#engine/cri/units'
import type { Process } from '#engine/linux/abi/process'

export class CtrError extends Error {
  override readonly name = 'CtrError'

  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message)
  }
}

export interface Context {
  readonly process: Process
  readonly namespace: string
  readonly call: <T>(method: string, message?: object) => Promise<T>
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

export type Run = (context: Context) => Promise<number>

export async function print(context: Context, text: string): Promise<number> {
  await context.process.stdout.write(text)
  return 0
}

export function isQuiet(context: Context): boolean {
  return context.flags.has('q') || context.flags.has('quiet')
}

/** One of logrus' lines, on standard error. */
export async function log(context: Context, level: 'warning' | 'error', message: string, error?: string): Promise<void> {
  const time = new Date(Math.floor(context.process.clock.now())).toISOString().slice(0, 19)
  await context.process.stderr.write(`time="${time}Z" level=${level} msg=${JSON.stringify(message)}${error === undefined ? '' : ` error=${JSON.stringify(error)}`}\n`)
}

/** `k=v,k=v`, or a dash. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '-' : entries.map(([key, value]) => `${key}=${value}`).join(',')
}

/** `key=value` and `key=` operands: what to set, and what to take away. */
export function labelsGiven(operands: readonly string[]): Record<string, string> {
  return Object.fromEntries(operands.map((operand) => [operand.split('=')[0] ?? '', operand.split('=').slice(1).join('=')]))
}

export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = size
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`
}

/** Rows whose last cell ends with a tab, as most of ctr's tables. */
export function rows(list: readonly (readonly string[])[], minWidth: number, padding: number): string {
  return table(list.map((row) => [...row, '']), minWidth, padding)
}

/** Removes what the operands name: what is not there is a warning, the first real failure is the command's. */
export async function removeEach(context: Context, remove: (name: string) => Promise<unknown>, kind: string, isLogged = false): Promise<number> {
  let failed: CtrError | undefined
  for (const name of context.operands) {
    try {
      await remove(name)
      await print(context, `${name}\n`)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      if (error.code === 'NotFound') {
        await log(context, 'warning', `${name}: ${kind} not found`)
        continue
      }
      failed ??= new CtrError(`unable to delete ${name}: ${error.description}`)
      if (isLogged) await log(context, 'error', `unable to delete ${name}`, error.description)
    }
  }
  if (failed) throw failed
  return 0
}
