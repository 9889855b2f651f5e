/** etcd's URLs as addresses. */

/** Where a URL is dialled. */
export function targetOf(url: string): { host: string; port: number } {
  const match = /^https?:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(url)
  return { host: match?.[1] ?? 'localhost', port: Number(match?.[2]) }
}

/** Where a URL is listened on. */
export function listenAddress(url: string): { address: string; port: number } {
  const { host, port } = targetOf(url)
  return { address: host === 'localhost' ? '127.0.0.1' : host, port }
}
