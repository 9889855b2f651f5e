import { describe, expect, it } from 'vitest'
import { chunkSize, Content } from './content'

describe('the content of a file', () => {
  const large = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => (index % 251) + 1)

  it('that was taken over whole is handed out as the very same bytes, however long it is', () => {
    const bytes = large(chunkSize * 2 + 100)
    const read = Content.of(bytes, {}).readAll()
    expect([read.buffer === bytes.buffer, read.byteOffset, read.length]).toEqual([true, 0, bytes.length])
  })

  it('never changes under who has read it', () => {
    const content = Content.of(large(chunkSize * 2), {})
    const before = content.readAll()
    content.write(chunkSize + 5, Uint8Array.of(255))
    expect([before[chunkSize + 5], content.readAll()[chunkSize + 5]]).toEqual([large(chunkSize * 2)[chunkSize + 5], 255])
  })

  it('reads across chunks, holes and its end', () => {
    const content = Content.of(large(chunkSize + 10), {})
    content.write(chunkSize * 3, Uint8Array.of(7))
    const all = content.readAll()
    expect([all.length, all[chunkSize + 9], all[chunkSize + 10], all[chunkSize * 3]]).toEqual([chunkSize * 3 + 1, large(chunkSize + 10)[chunkSize + 9], 0, 7])
    expect([...content.read(chunkSize + 8, 4)]).toEqual([...large(chunkSize + 10).slice(-2), 0, 0])
  })
})
