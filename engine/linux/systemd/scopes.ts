/**
 * Scopes: processes that others have started and registered, to be taken up again on a machine that comes back from a
 * snapshot. Each is a file of /run, written by whoever registers and taken away at the end.
 */
import type { Files } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'

const directory = '/run/systemd/scopes'

export interface Scope {
  /** `libpod-conmon-ID`. */
  readonly name: string
  readonly path: string
  readonly argv: readonly string[]
  readonly pid: number
  readonly startedAtMs: number
}

export function registerScope(files: Files, scope: Scope): void {
  files.mkdirAll(directory, 0o755)
  files.writeFile(`${directory}/${scope.name}.json`, JSON.stringify(scope))
}

export function forgetScope(files: Files, name: string): void {
  if (files.exists(`${directory}/${name}.json`)) files.unlink(`${directory}/${name}.json`)
}

/** Starts all again, in the order in which they once began, with the same pids. */
export function resumeScopes(process: Process): void {
  const { files } = process
  if (!files.exists(directory)) return
  const scopes = files.readDirectory(directory).map((entry) => JSON.parse(files.readText(`${directory}/${entry.name}`)) as Scope)
  for (const { path, argv, pid, startedAtMs } of scopes.sort((a, b) => a.startedAtMs - b.startedAtMs)) {
    const nothing = files.open('/dev/null', { read: true, write: true })
    process.spawn(path, argv, { descriptors: new Map([[0, nothing], [1, nothing], [2, nothing]]), onlyNamedDescriptors: true, session: {}, resume: { pid, startedAtMs } })
  }
}
