/** Long work told as JSON lines while it goes on; what fails before the first line is an answer of its own. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import { ProcessKilled } from '#engine/linux/abi/errno'
import { EventQueue } from '../queue'
import type { DockerHost } from './host'
import { ApiError } from './model'
import type { Progress } from './registry'
import { stream } from './routes'

export async function progressResponse(host: DockerHost, work: (progress: Progress) => Promise<void>): Promise<HttpResponse> {
  const lines = new EventQueue<Uint8Array>()
  const say: Progress = (message) => void lines.push(encodeUtf8(`${JSON.stringify(message)}\r\n`))
  let spoken: () => void = () => undefined
  const first = new Promise<void>((resolve) => (spoken = resolve))
  let failure: ApiError | undefined
  let silent = true
  const progress: Progress = (message) => {
    silent = false
    spoken()
    return say(message)
  }
  host.process.background(async () => {
    try {
      await work(progress)
    } catch (error) {
      if (error instanceof ProcessKilled || !(error instanceof ApiError)) throw error
      failure = error
      if (!silent) void say({ errorDetail: { message: error.message }, error: error.message })
    } finally {
      lines.close()
      spoken()
    }
  })
  await first
  if (silent && failure) throw failure
  return stream(lines.iterate())
}
