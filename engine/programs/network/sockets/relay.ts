/** Bytes between a connection and standard input and output. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Connection } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'

export async function relay(process: Process, connection: Connection & OpenFile, options: { readonly shutdown: boolean; readonly input: boolean; readonly idleMs?: number | undefined }): Promise<void> {
  const outward = async (): Promise<void> => {
    try {
      for await (const part of process.stdin) await connection.write(part)
      if (options.shutdown) connection.shutdownWrite()
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  if (options.input) process.background(outward)
  try {
    for (;;) {
      const part = options.idleMs === undefined ? await connection.read() : await Promise.race([connection.read(), process.clock.sleep(options.idleMs).then(() => null)])
      if (part === null) break
      await process.stdout.write(part)
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  connection.close()
}
