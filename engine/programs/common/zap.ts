/** Log lines as zap's JSON encoder writes them: etcd's and etcdctl's format on standard error. */
import type { Process } from '#engine/linux/abi/process'

export class ZapLog {
  constructor(
    private readonly process: Process,
    private readonly logger?: string,
  ) {}

  info(caller: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.write('info', caller, message, fields)
  }

  write(level: 'info' | 'warn' | 'error' | 'fatal', caller: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const ts = `${new Date(this.process.clock.now()).toISOString().slice(0, -1)}000Z`
    const line = { level, ts, ...(this.logger ? { logger: this.logger } : {}), caller, msg: message, ...fields }
    // A log line never holds its writer up; a reader that is gone is not the daemon's concern.
    void this.process.stderr.write(`${JSON.stringify(line)}\n`).catch(() => undefined)
  }
}
