/** What a kubelet is told by who starts it: the API's types and the release's feature gates are not its own. */
import type { PodSchema } from './pods/schema'

export interface KubeletTables {
  readonly pods: PodSchema
  /** What is wrong with these gates; `warn` is told of those that will go. */
  gateProblem(gates: Readonly<Record<string, boolean>>, warn: (line: string) => void): string | undefined
}
