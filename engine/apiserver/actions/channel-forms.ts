/**
 * Forms in which a client may ask for the channels of exec and attach. The kubelet is always spoken to in bytes with a status at the
 * end; `base64.` forms carry a digit and base64 instead, and the forms without a version tell a failure as plain text and success not at all.
 */
import { concatBytes, decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { MessageChannel } from '#engine/base/http'
import type { Status } from '#engine/api/status'
import { RelayChannel } from './relay-channel'

const errorChannel = 3
const digitZero = 48

/** What the kubelet is asked for. */
export function kubeletProtocol(asked: string): string {
  return asked === 'v5.channel.k8s.io' ? asked : 'v4.channel.k8s.io'
}

export function inForm(asked: string, channel: MessageChannel): MessageChannel {
  const spoken = asked.startsWith('v') ? channel : new PlainErrors(channel)
  return asked.includes('base64.') ? new Base64Channel(spoken) : spoken
}

class PlainErrors extends RelayChannel {
  async receive(): Promise<Uint8Array | null> {
    for (;;) {
      const message = await this.inner.receive()
      if (!message || message[0] !== errorChannel || message.length === 1) return message
      const status = JSON.parse(decodeUtf8(message.subarray(1))) as Status
      if (status.status === 'Failure') return concatBytes([Uint8Array.of(errorChannel), encodeUtf8(status.message ?? '')])
    }
  }
}

class Base64Channel extends RelayChannel {
  override send(message: Uint8Array): Promise<void> {
    const data = decodeUtf8(message.subarray(1))
    return this.inner.send(concatBytes([Uint8Array.of((message[0] ?? digitZero) - digitZero), fromBase64(data)]))
  }

  async receive(): Promise<Uint8Array | null> {
    const message = await this.inner.receive()
    return message && concatBytes([Uint8Array.of((message[0] ?? 0) + digitZero), encodeUtf8(toBase64(message.subarray(1)))])
  }
}
