/** Which requests a proxy lets through. */
import type { HttpRequest } from '#engine/base/http'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CliError } from '#engine/programs/kubectl/session/errors'

export function filterOf(flags: Flags): (request: HttpRequest) => boolean {
  const patterns = (name: string): RegExp[] => flags.string(name).split(',').filter((text) => text !== '').map(expression)
  const [hosts, paths, refusedPaths, refusedMethods] = [patterns('accept-hosts'), patterns('accept-paths'), patterns('reject-paths'), patterns('reject-methods')]
  const any = (list: readonly RegExp[], text: string): boolean => list.some((pattern) => pattern.test(text))
  return ({ method, path, headers }) => {
    const host = (headers['host'] ?? '').replace(/:\d+$/, '')
    const plainPath = path.split('?')[0] as string
    return any(hosts, host) && any(paths, plainPath) && !any(refusedPaths, plainPath) && !any(refusedMethods, method)
  }
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new CliError(`error parsing regexp: missing closing ]: \`${text}\``)
  }
}
