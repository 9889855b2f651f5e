/** The far end of a port-forward: SPDY streams of a client, each pair (error, data) a connection inside the sandbox. */
import type { MessageChannel } from '#engine/base/http'
import type { Process } from '#engine/linux/abi/process'

export async function servePortForward(process: Process, peer: MessageChannel, sandboxPid: number): Promise<void> {
  await Promise.resolve()
  void process
  void sandboxPid
  peer.close()
}
