/** ADD of an URL: the file is fetched into a directory of its own. */
import { toHex } from '#engine/base/bytes'
import type { DialOptions } from '#engine/linux/abi/net'
import { emptyBody } from '#engine/base/http'
import { dialText } from '../images/pull'
import type { CopySource } from './copy'
import { BuildFailure, type BuildHost } from './host'

export function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text)
}

export interface Downloads { readonly sources: readonly CopySource[]; release(): void }

export async function downloaded(host: BuildHost, urls: readonly string[]): Promise<Downloads> {
  const { files, random } = host.process
  const directory = `/var/tmp/build-download${toHex(random.bytes(4))}`
  files.mkdirAll(directory, 0o700)
  const sources: CopySource[] = []
  for (const url of urls) {
    const name = new Name(url)
    files.writeFile(`${directory}/${name.file}`, await fetched(host, name), 0o600)
    sources.push({ path: `${directory}/${name.file}`, name: name.file, stat: files.stat(`${directory}/${name.file}`) })
  }
  return { sources, release: () => files.removeAll(directory) }
}

class Name {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly path: string
  readonly file: string

  constructor(readonly url: string) {
    const [, scheme = '', host = '', port, path = ''] = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/.*)?$/.exec(url) ?? []
    this.secure = scheme === 'https'
    this.host = host
    this.port = Number(port ?? (this.secure ? 443 : 80))
    this.path = path === '' ? '/' : path
    this.file = (path.split('?')[0] ?? '').split('/').pop() ?? ''
    if (this.file === '') throw new BuildFailure(`ADD failed: cannot determine filename from url: ${url}`)
  }
}

async function fetched(host: BuildHost, name: Name): Promise<Uint8Array> {
  const options: DialOptions = { timeoutMs: 30_000, ...(name.secure ? { tls: {} } : {}) }
  try {
    const answer = await host.process.net.request({ host: name.host, port: name.port }, { method: 'GET', path: name.path, headers: {}, body: emptyBody }, options)
    if (answer.status >= 400) throw new BuildFailure(`ADD failed: failed to GET ${name.url} with status ${answer.status}`)
    return await answer.body.bytes()
  } catch (error) {
    if (error instanceof BuildFailure) throw error
    throw new BuildFailure(`ADD failed: Get ${JSON.stringify(name.url)}: ${dialText(error, { name: name.host, port: name.port })}`)
  }
}
