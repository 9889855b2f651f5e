/** sd_notify: a socket per service of Type=notify; its lines are `READY=1`, `STATUS=...`. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'

export interface NotifySocket {
  readonly path: string
  /** True once the service said that it is ready. */
  readonly ready: Promise<boolean>
  close(): void
}

export function listenForNotify(process: Process, unit: string, heard: (key: string, value: string) => void): NotifySocket {
  const path = `/run/systemd/notify/${unit}`
  process.files.mkdirAll('/run/systemd/notify')
  if (process.files.exists(path)) process.files.unlink(path)
  let becomeReady: (ready: boolean) => void = () => undefined
  const ready = new Promise<boolean>((resolve) => (becomeReady = resolve))
  const listener = process.net.listen({ unix: path })
  let closed = false
  process.background(async () => {
    while (!closed) {
      const connection = await listener.accept().catch((error: unknown) => {
        if (closed || isErrno(error)) return undefined
        throw error
      })
      if (!connection) return
      process.background(async () => {
        for (let bytes = await connection.read(); bytes; bytes = await connection.read())
          for (const line of decodeUtf8(bytes).split('\n')) {
            const equals = line.indexOf('=')
            if (equals > 0) heard(line.slice(0, equals), line.slice(equals + 1))
            if (line === 'READY=1') becomeReady(true)
          }
        connection.close()
      })
    }
  })
  return {
    path,
    ready,
    close: () => {
      closed = true
      listener.close()
      if (process.files.exists(path)) process.files.unlink(path)
    },
  }
}
