/** The commands that xargs runs, one after the other or several at once. */
import { signalNumbers } from '#engine/linux/abi/signals'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import { complain, reason } from '#engine/programs/common/gnu'
import { which } from '#engine/programs/coreutils/running'
import type { Item } from '#engine/programs/text/xargs/items'
import { readLine } from '#engine/shell/interpreter/input'
import { quoteIfNeeded } from '#engine/shell/expand/quote'

/** Ends xargs at once. */
export class Stop {
  constructor(readonly status: number) {}
}

export interface BatchOptions {
  /** Bytes of a command line, with its name and the ends of its words. */
  readonly maxChars: number
  readonly replace: string | undefined
  readonly perCall: number | undefined
  readonly perLines: number | undefined
  readonly runEmpty: boolean
}

export async function batches(runner: Runner, items: readonly Item[], o: BatchOptions): Promise<void> {
  if (o.replace !== undefined) {
    const mark = o.replace
    for (const { text } of items) await runner.start(runner.command.map((word) => word.replaceAll(mark, text)))
    return
  }
  if (items.length === 0) {
    if (o.runEmpty) await runner.start(runner.command)
    return
  }
  const batch = new Batch(runner, o)
  for (const item of items) await batch.add(item)
  await batch.flush()
}

class Batch {
  private words: string[] = []
  private size = 0
  private line = -1
  private lines = 0

  constructor(
    private readonly runner: Runner,
    private readonly o: BatchOptions,
  ) {}

  async add({ text, line }: Item): Promise<void> {
    const { perLines, perCall, maxChars } = this.o
    if (perLines !== undefined && line !== this.line && ++this.lines > perLines) {
      await this.flush()
      this.lines = 1
    }
    if (this.base + this.size + text.length + 1 > maxChars) await this.flush()
    this.line = line
    this.words.push(text)
    this.size += text.length + 1
    if (this.words.length === perCall) await this.flush()
  }

  private get base(): number {
    return this.runner.command.reduce((sum, word) => sum + word.length + 1, 0)
  }

  async flush(): Promise<void> {
    if (this.words.length > 0) await this.runner.start([...this.runner.command, ...this.words])
    this.words = []
    this.size = 0
    this.lines = 0
    this.line = -1
  }
}

export class Runner {
  status = 0
  private running: Promise<void>[] = []

  constructor(
    private readonly process: Process,
    readonly command: readonly string[],
    private readonly o: { verbose: boolean; interactive: boolean; parallel: number },
  ) {}

  /** `-p` asks at the terminal, whatever standard input is. */
  private async confirmed(): Promise<boolean> {
    let terminal
    try {
      terminal = this.process.files.open('/dev/tty', { read: true })
    } catch (error) {
      await complain(this.process, `failed to open /dev/tty for reading: ${reason(error)}`)
      throw new Stop(1)
    }
    await this.process.stderr.write('?...')
    const line = await readLine(terminal)
    terminal.release()
    return /^[yY]/.test(line?.text ?? '')
  }

  async start(argv: readonly string[]): Promise<void> {
    if (this.o.verbose || this.o.interactive) await this.process.stderr.write(encodeLossless(`${argv.map(quoteIfNeeded).join(' ')}${this.o.interactive ? '' : '\n'}`))
    if (this.o.interactive && !(await this.confirmed())) return
    const done = this.outcome(argv[0] as string, await this.spawn(argv))
    if (this.o.parallel <= 1) return done
    this.running.push(done)
    if (this.running.length < this.o.parallel) return
    await Promise.race(this.running)
    this.running.shift()
  }

  private async spawn(argv: readonly string[]): Promise<ChildProcess> {
    const name = argv[0] as string
    const path = which(this.process, name)
    let problem = 'No such file or directory'
    let status = 127
    try {
      if (path !== undefined) return this.process.spawn(path, argv, { descriptors: new Map([[0, this.process.files.open('/dev/null', { read: true })]]) })
    } catch (error) {
      if (!isErrno(error)) throw error
      problem = error.message
      status = error.code === 'ENOENT' ? 127 : 126
    }
    await complain(this.process, `${name}: ${problem}`)
    throw new Stop(status)
  }

  private async outcome(name: string, child: ChildProcess): Promise<void> {
    const status = await child.wait()
    if (status.kind === 'signaled') {
      await complain(this.process, `${name}: terminated by signal ${signalNumbers[status.signal]}`)
      throw new Stop(125)
    }
    if (status.code === 255) {
      await complain(this.process, `${name}: exited with status 255; aborting`)
      throw new Stop(124)
    }
    if (status.code !== 0) this.status = 123
  }

  async finish(): Promise<void> {
    await Promise.all(this.running)
  }
}
