/** repositories.yaml: which repositories there are. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { directoryOf, fileError } from '#engine/programs/helm/chart/paths'

export interface Repository {
  readonly name: string
  readonly url: string
  readonly username: string
  readonly password: string
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
  readonly insecure_skip_tls_verify: boolean
  readonly pass_credentials_all: boolean
}

/** Undefined where the file is not there. */
export function readRepositories(process: Process, path: string): Repository[] | undefined {
  let text: string
  try {
    text = process.files.readText(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw new Error(`couldn't load repositories file (${path}): ${fileError('open', path, error).message}`)
  }
  const value = (parseYaml(text) ?? {}) as { repositories?: Partial<Repository>[] | null }
  return (value.repositories ?? []).map((entry) => repository(entry.name ?? '', entry.url ?? '', entry))
}

export function repository(name: string, url: string, rest: Partial<Repository> = {}): Repository {
  return {
    name, url, username: rest.username ?? '', password: rest.password ?? '', certFile: rest.certFile ?? '', keyFile: rest.keyFile ?? '', caFile: rest.caFile ?? '',
    insecure_skip_tls_verify: rest.insecure_skip_tls_verify ?? false, pass_credentials_all: rest.pass_credentials_all ?? false,
  }
}

export function writeRepositories(process: Process, path: string, repositories: readonly Repository[]): void {
  process.files.mkdirAll(directoryOf(path))
  process.files.writeFile(path, emitYaml({ apiVersion: '', generated: '0001-01-01T00:00:00Z', repositories }), 0o600)
}
