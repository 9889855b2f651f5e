/** `telnet`. */
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError } from '#engine/linux/abi/net'
import type { Program } from '#engine/linux/abi/program'
import { relay } from './relay'

export const telnet: Program = {
  name: 'telnet',
  unsupported: 'telnet options: it only carries bytes',
  async run(process) {
    const [host, port = '23'] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    if (host === undefined) {
      await process.stderr.write('telnet: interactive mode is not supported in this simulation\n')
      return 1
    }
    try {
      const addresses = await process.net.lookup(host)
      await process.stdout.write(`Trying ${addresses[0] ?? host}...\n`)
      const connection = await process.net.connect({ host, port: Number(port) })
      await process.stdout.write(`Connected to ${host}.\nEscape character is '^]'.\n`)
      await relay(process, connection, { shutdown: false, input: true })
      await process.stderr.write('Connection closed by foreign host.\n')
      return 1
    } catch (error) {
      if (error instanceof LookupError) await process.stderr.write(`telnet: could not resolve ${host}/${port}: Name or service not known\n`)
      else if (isErrno(error)) await process.stderr.write(`telnet: Unable to connect to remote host: ${error.message}\n`)
      else throw error
      return 1
    }
  },
}

export const busyboxTelnet: Program = { ...telnet, name: 'busybox-telnet' }
