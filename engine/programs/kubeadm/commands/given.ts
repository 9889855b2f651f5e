/** What was given on the command line, of a command that may know only some of its family's flags. */
import type { Invocation } from '#engine/programs/common/cobra/command'
import type { Flag, FlagValue } from '#engine/programs/common/cobra/flags'
import { KubeadmError } from '../session'

export class Given {
  private readonly defaults: ReadonlyMap<string, FlagValue>

  constructor(
    private readonly invocation: Invocation,
    family: readonly Flag[],
  ) {
    this.defaults = new Map(family.map((flag) => [flag.name, flag.default]))
  }

  string(name: string): string {
    return this.get(name) as string
  }

  bool(name: string): boolean {
    return this.get(name) === true
  }

  number(name: string): number {
    return this.get(name) as number
  }

  list(name: string): readonly string[] {
    return this.get(name) as readonly string[]
  }

  changed(name: string): boolean {
    return this.invocation.flags.has(name) && this.invocation.flags.changed(name)
  }

  /** Flags that are understood and not acted on fail where they are used. */
  refuse(...names: string[]): void {
    for (const name of names) if (this.changed(name)) throw new KubeadmError(`--${name} is not supported by this kubeadm`)
  }

  private get(name: string): FlagValue | undefined {
    return this.invocation.flags.has(name) ? this.invocation.flags.get(name) : this.defaults.get(name)
  }
}
