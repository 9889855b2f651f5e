/** Log lines in klog's format, as every Kubernetes component writes them to standard error. */
import type { Clock } from '#engine/base/clock'

export type Severity = 'I' | 'W' | 'E' | 'F'

/** So long a process that came back has said before what it says of its start. */
const settledMs = 1000

/** The lines of a process, but for those of its start where it goes on from a snapshot: the log has them, and nobody may see that it was away. */
export function withoutStart(process: { readonly clock: Clock; readonly resumed: boolean }, write: (line: string) => void, isPlain: (line: string) => boolean = (line) => line.startsWith('I')): (line: string) => void {
  if (!process.resumed) return write
  const until = process.clock.now() + settledMs
  return (line) => {
    if (process.clock.now() >= until || !isPlain(line)) write(line)
  }
}

export class Klog {
  constructor(
    private readonly clock: Clock,
    private readonly pid: number,
    private readonly write: (line: string) => void,
  ) {}

  /** An unstructured line: `I1121 10:51:03.000123       1 server.go:155] text`. */
  line(severity: Severity, source: string, text: string): void {
    this.write(`${severity}${stamp(this.clock.now())} ${String(this.pid).padStart(7)} ${source}] ${text}\n`)
  }

  /** A structured line: a quoted message followed by key=value pairs. */
  info(source: string, message: string, pairs: Readonly<Record<string, unknown>> = {}): void {
    this.line('I', source, structured(message, pairs))
  }

  error(source: string, error: string | undefined, message: string, pairs: Readonly<Record<string, unknown>> = {}): void {
    this.line('E', source, structured(message, error === undefined ? pairs : { err: error, ...pairs }))
  }
}

function structured(message: string, pairs: Readonly<Record<string, unknown>>): string {
  return [JSON.stringify(message), ...Object.entries(pairs).map(([key, value]) => `${key}=${typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value)}`)].join(' ')
}

function stamp(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const micros = Math.floor((ms % 1000) * 1000)
  return `${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${String(micros).padStart(6, '0')}`
}
