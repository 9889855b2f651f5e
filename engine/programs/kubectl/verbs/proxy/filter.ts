/** Which requests a proxy lets through. */
import type { HttpRequest } from '#engine/base/http'
import type { Flags } from '#engine/programs/common/cobra/flags'

export function filterOf(flags: Flags, failure: (problem: string) => Error): (request: HttpRequest) => boolean {
  const patterns = (name: string): RegExp[] => flags.string(name).split(',').filter((text) => text !== '').map((text) => expression(text, failure))
  const [hosts, paths, refusedPaths, refusedMethods] = [patterns('accept-hosts'), patterns('accept-paths'), patterns('reject-paths'), patterns('reject-methods')]
  const any = (list: readonly RegExp[], text: string): boolean => list.some((pattern) => pattern.test(text))
  return ({ method, path, headers }) => {
    const host = (headers['host'] ?? '').replace(/:\d+$/, '')
    const plainPath = path.split('?')[0] as string
    return any(hosts, host) && any(paths, plainPath) && !any(refusedPaths, plainPath) && !any(refusedMethods, method)
  }
}

function expression(text: string, failure: (problem: string) => Error): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw failure(`error parsing regexp: missing closing ]: \`${text}\``)
  }
}
