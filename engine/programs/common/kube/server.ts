/** What a kubeconfig or a flag gives as server, as an address; refused in client-go's words. */
import { PlainError } from './plain-error'

export function serverUrl(server: string): string {
  const given = server.replace(/\/+$/, '')
  if (isAddress(server)) return given
  const broken = /[\s<>"\\^`{|}]/.exec(server.split('/')[0] as string)
  if (broken) throw new PlainError(`Unable to connect to the server: invalid character ${JSON.stringify(broken[0])} in host name\n`)
  const path = server.indexOf('/')
  if (path >= 0 && server.slice(path) !== '/') throw new Error(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`)
  return `http://${given}`
}

/** A URL of a scheme and a host; its port may only be digits. */
function isAddress(server: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#\s[\]@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^/?#\s[\]:]*)(?::\d*)?(?:[/?#]|$)/.test(server) && !/^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[/?#]|$)/.test(server)
}
