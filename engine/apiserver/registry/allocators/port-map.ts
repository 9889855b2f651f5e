/** The RangeAllocation in which a server keeps its node ports: a bit each, as one large number. */
import { concatBytes, fromHex } from '#engine/base/bytes'
import { ProtoWriter } from '#engine/apiserver/representation/wire'

const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0)

export function encodePorts(first: number, last: number, used: readonly number[]): Uint8Array {
  const object = new ProtoWriter()
  object.message(1, new Uint8Array(0))
  object.text(2, `${first}-${last}`)
  object.message(3, bytesOf(used.reduce((bits, port) => bits | (1n << BigInt(port - first)), 0n)))
  const type = new ProtoWriter()
  type.text(1, 'v1')
  type.text(2, 'RangeAllocation')
  const envelope = new ProtoWriter()
  envelope.message(1, type.finish())
  envelope.message(2, object.finish())
  envelope.text(3, '')
  envelope.text(4, '')
  return concatBytes([magic, envelope.finish()])
}

/** Big-endian, without leading zeros. */
function bytesOf(bits: bigint): Uint8Array {
  if (bits === 0n) return new Uint8Array(0)
  const hex = bits.toString(16)
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`)
}
