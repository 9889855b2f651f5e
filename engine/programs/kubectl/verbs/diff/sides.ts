/** Two directories of YAML files, LIVE and MERGED, and the diff program run on them. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { KubeObject } from '#engine/api/object'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { findExecutable } from '#engine/programs/kubectl/plugins'
import { CliError } from '#engine/programs/kubectl/session/errors'

export class Sides {
  private readonly live: string
  private readonly merged: string

  constructor(private readonly process: Process) {
    this.live = this.directory('LIVE')
    this.merged = this.directory('MERGED')
  }

  add(name: string, live: KubeObject | undefined, merged: KubeObject | undefined): void {
    this.addLive(name, live)
    this.write(this.merged, name, merged)
  }

  addLive(name: string, object: KubeObject | undefined): void {
    this.write(this.live, name, object)
  }

  /** 0 or 1 as the program says; more is an error. */
  async run(): Promise<number> {
    const [command = '', ...args] = this.command()
    const path = command.includes('/') ? command : findExecutable(this.process, command)
    if (path === undefined) throw new CliError(`failed to run ${JSON.stringify(command)}: executable file not found in $PATH`)
    const code = exitCodeOf(await this.process.spawn(path, [command, ...args]).wait())
    if (code > 1) throw new CliError(`failed to run ${JSON.stringify(command)}: exit status ${code}`)
    return code
  }

  remove(): void {
    this.process.files.removeAll(this.live)
    this.process.files.removeAll(this.merged)
  }

  private command(): string[] {
    const [program, ...given] = (this.process.env.get('KUBECTL_EXTERNAL_DIFF') ?? '').split(' ')
    if (!program) return ['diff', '-u', '-N', this.live, this.merged]
    return [program, this.live, this.merged, ...given.filter((arg) => /^[a-zA-Z0-9=-]+$/.test(arg))]
  }

  private directory(prefix: string): string {
    const base = (this.process.env.get('TMPDIR') || '/tmp').replace(/\/$/, '')
    const path = `${base}/${prefix}-${1_000_000 + this.process.random.integer(4_290_000_000)}`
    this.process.files.mkdir(path, 0o700)
    return path
  }

  private write(directory: string, name: string, object: KubeObject | undefined): void {
    this.process.files.writeFile(`${directory}/${name}`, object ? emitYaml(object) : '', 0o666)
  }
}
