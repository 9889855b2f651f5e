/** `registry serve CONFIG`: a registry over /var/lib/registry. */
import { toHex } from '#engine/base/bytes'
import { parseYaml } from '#engine/base/yaml/parser'
import { distributionHandler } from '#engine/cri/images/distribution'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { untilSignal } from '#engine/images/tools/lifetime'

interface Configuration {
  readonly storage?: { readonly filesystem?: { readonly rootdirectory?: string }; readonly delete?: { readonly enabled?: boolean } }
  readonly http?: { readonly addr?: string }
}

export const registry: Program = {
  name: 'registry',
  unsupported: 'TLS, accounts, mirrors, garbage collection and other storage than files',
  async run(process) {
    const [command, path] = process.argv.slice(1)
    if (command !== 'serve') {
      await process.stdout.write(command === '--version' ? `/bin/registry github.com/docker/distribution v${process.executable.attributes['version'] ?? '2.8.3'}\n` : '`registry`\n\nUsage:\n  registry [flags]\n  registry [command]\n\nAvailable Commands:\n  serve           `serve` stores and distributes Docker images\n')
      return 0
    }
    if (path === undefined || !process.files.exists(path)) {
      await process.stderr.write(`configuration error: open ${path ?? ''}: no such file or directory\n`)
      return 1
    }
    return serve(process, parseYaml(process.files.readText(path)) as Configuration)
  },
}

async function serve(process: Process, configuration: Configuration): Promise<number> {
  const setting = (name: string, fallback: string): string => process.env.get(`REGISTRY_${name}`) ?? fallback
  const address = setting('HTTP_ADDR', configuration.http?.addr ?? ':5000')
  const [host = '', port = '5000'] = [address.slice(0, address.lastIndexOf(':')), address.slice(address.lastIndexOf(':') + 1)]
  const root = setting('STORAGE_FILESYSTEM_ROOTDIRECTORY', configuration.storage?.filesystem?.rootdirectory ?? '/var/lib/registry')
  const deletes = setting('STORAGE_DELETE_ENABLED', String(configuration.storage?.delete?.enabled ?? false)) === 'true'
  process.files.mkdirAll(root, 0o755)
  const handler = distributionHandler({ files: process.files, root, deletes, newId: () => toHex(process.random.bytes(16)) })
  try {
    process.net.serveHttp({ address: host === '' || host === 'localhost' ? '0.0.0.0' : host, port: Number(port) }, async (request) => {
      const answer = await handler(request)
      await process.stdout.write(`${request.peer?.address ?? '-'} - - [${stamp(process)}] "${request.method} ${request.path} HTTP/1.1" ${answer.status} ${answer.headers['content-length'] ?? 0} "" "${request.headers['user-agent'] ?? ''}"\n`)
      return answer
    })
  } catch (error) {
    if (!isErrno(error)) throw error
    await process.stderr.write(`time="${new Date(Math.floor(process.clock.now())).toISOString()}" level=fatal msg="listen tcp ${address}: bind: ${error.message.toLowerCase()}"\n`)
    return 1
  }
  await process.stderr.write(`time="${new Date(Math.floor(process.clock.now())).toISOString()}" level=info msg="listening on [::]:${port}" go.version=go1.20.8 instance.id=${toHex(process.random.bytes(16))} service=registry version=2.8.3\n`)
  await untilSignal(process)
  return 0
}

function stamp(process: Process): string {
  const text = new Date(Math.floor(process.clock.now())).toUTCString()
  return `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 16)}:${text.slice(17, 25)} +0000`
}
