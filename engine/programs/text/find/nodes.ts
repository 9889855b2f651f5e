/** What an expression of find is made of once it is read: functions over the file that is looked at. */
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Accounts } from '#engine/programs/common/gnu'

export interface Visit {
  readonly path: string
  readonly name: string
  readonly start: string
  readonly depth: number
  readonly stat: Stat
  prune: boolean
}

export type Node = (visit: Visit) => Promise<boolean>

export interface FindSettings {
  maxDepth: number
  minDepth: number
  depthFirst: boolean
  oneFileSystem: boolean
  /** Of -regex. */
  syntax: 'emacs' | 'extended' | 'basic'
}

export interface FindContext {
  readonly process: Process
  readonly accounts: Accounts
  readonly settings: FindSettings
  readonly followLinks: boolean
  status: number
  /** Said before anything is looked at. */
  readonly warnings: string[]
  /** Run at the end: the last call of `-exec ... {} +`. */
  readonly finishers: (() => Promise<void>)[]
  print(text: string): Promise<void>
  printTo(path: string, text: string): Promise<void>
  flush(): Promise<void>
  complain(message: string): Promise<void>
}

/** -quit. */
export class Quit {}
