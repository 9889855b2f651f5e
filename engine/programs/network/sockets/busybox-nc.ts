/** busybox's nc. */
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { type NcOptions, parseNc } from './nc-options'
import { relay } from './relay'

export const busyboxNc: Program = {
  name: 'busybox-nc',
  unsupported: '-e',
  async run(process) {
    const options = parseNc(process.argv.slice(1), 'pwieso')
    const usageText = `BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n`
    if (typeof options === 'string') return process.stderr.write(`${options}\n${usageText}`).then(() => 1)
    if (options.flags.has('l')) return listen(process, options)
    const [host, port] = options.operands
    if (host === undefined || port === undefined) return process.stderr.write(usageText).then(() => 1)
    return connect(process, options, host, port)
  },
}

async function listen(process: Process, { flags, values, operands }: NcOptions): Promise<number> {
  const listener = process.net.listen({ address: '0.0.0.0', port: Number(values.get('p') ?? operands.at(-1)) })
  do await relay(process, await listener.accept(), { shutdown: false, input: true })
  while (flags.has('k'))
  return 0
}

async function connect(process: Process, { flags, values }: NcOptions, host: string, port: string): Promise<number> {
  const limit = values.get('w')
  try {
    const connection = await process.net.connect({ host, port: Number(port) }, limit === undefined ? {} : { timeoutMs: Number(limit) * 1000 })
    if (flags.has('v')) await process.stderr.write(`${host} (${connection.remote.address}:${port}) open\n`)
    if (flags.has('z')) connection.close()
    else await relay(process, connection, { shutdown: true, input: true })
    return 0
  } catch (error) {
    await process.stderr.write(`nc: ${wordsFor(error, host, limit !== undefined)}\n`)
    return 1
  }
}

function wordsFor(error: unknown, host: string, limited: boolean): string {
  if (error instanceof LookupError) return `bad address '${host}'`
  if (!isErrno(error)) throw error
  return error.code === 'ETIMEDOUT' && limited ? 'timed out' : `can't connect to remote host (${host}): ${error.message}`
}
