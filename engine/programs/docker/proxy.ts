/** `docker-proxy`: passes what comes to a published port on to its container. Tells on descriptor 3 whether it listens. */
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Connection, Listener } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

export const dockerProxy: Program = {
  name: 'docker-proxy',
  unsupported: 'sctp',
  async run(process) {
    const option = (name: string): string => process.argv[process.argv.indexOf(`-${name}`) + 1] ?? ''
    const at = { address: option('host-ip'), port: Number(option('host-port')) }
    const to = { host: option('container-ip'), port: Number(option('container-port')) }
    try {
      if (option('proto') === 'udp') {
        const socket = process.net.udp(at)
        await tell(process, '0\n')
        return await forwardDatagrams(process, socket, to)
      }
      const listener = process.net.listen(at)
      await tell(process, '0\n')
      return await forwardStreams(process, listener, to)
    } catch (error) {
      if (!isErrno(error)) throw error
      await tell(process, `1\nlisten ${option('proto')}4 ${at.address}:${at.port}: bind: ${error.message.toLowerCase()}`)
      return 1
    }
  },
}

async function tell(process: Process, text: string): Promise<void> {
  const file = process.descriptors().get(3)
  if (!file) return
  await file.write(encodeUtf8(text))
  process.closeDescriptor(3)
}

async function forwardStreams(process: Process, listener: Listener, to: { host: string; port: number }): Promise<number> {
  for (;;) {
    const near = await listener.accept()
    process.background(() => join(process, near, to))
  }
}

async function join(process: Process, near: Connection, to: { host: string; port: number }): Promise<void> {
  try {
    const far = await process.net.connect(to)
    process.background(() => pass(near, far))
    await pass(far, near)
    far.close()
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  near.close()
}

async function pass(from: Connection, to: Connection): Promise<void> {
  try {
    for (let part = await from.read(65_536); part; part = await from.read(65_536)) await to.write(part)
    to.shutdownWrite()
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

async function forwardDatagrams(process: Process, socket: ReturnType<Process['net']['udp']>, to: { host: string; port: number }): Promise<number> {
  for (;;) {
    const { from, data } = await socket.receive()
    process.background(async () => {
      const far = process.net.udp()
      try {
        far.send({ address: to.host, port: to.port }, data)
        socket.send(from, (await far.receive(5000)).data)
      } catch (error) {
        if (error instanceof ProcessKilled || !isErrno(error)) throw error
      } finally {
        far.close()
      }
    })
  }
}
