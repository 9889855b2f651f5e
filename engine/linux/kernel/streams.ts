/** Standard input and output of a process: readers and writers over whatever its descriptor is at the time. */
import { concatBytes, encodeUtf8, Utf8Stream } from '#engine/base/bytes'
import type { OpenFile } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { ByteReader, ByteWriter } from '#engine/linux/abi/process'

const defaultLimit = 256 * 1024 * 1024
const maxLineLength = 64 * 1024 * 1024

export class FileReader implements ByteReader {
  /** Read ahead while looking for the end of a line. */
  private ahead: Uint8Array | undefined

  constructor(private readonly file: () => OpenFile) {}

  read(max = 65536): Promise<Uint8Array | null> {
    const ahead = this.ahead
    if (!ahead) return this.fromFile(max)
    this.ahead = ahead.length > max ? ahead.subarray(max) : undefined
    return Promise.resolve(ahead.length > max ? ahead.subarray(0, max) : ahead)
  }

  async readAll(limit = defaultLimit): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    for (let part = await this.read(); part; part = await this.read()) {
      parts.push(part)
      size += part.length
      if (size > limit) throw new Errno('EFBIG')
    }
    return concatBytes(parts)
  }

  async text(): Promise<string> {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await this.readAll())
  }

  async *lines(): AsyncGenerator<string> {
    const decoder = new Utf8Stream()
    let rest = ''
    for (let part = await this.read(); part; part = await this.read()) {
      const end = part.lastIndexOf(10) + 1
      if (end === 0) {
        rest += decoder.push(part)
        if (rest.length > maxLineLength) throw new Errno('EFBIG')
        continue
      }
      let offset = 0
      while (offset < end) {
        const newline = part.indexOf(10, offset)
        this.ahead = newline + 1 < part.length ? part.subarray(newline + 1) : undefined
        const line = rest + decoder.push(part.subarray(offset, newline))
        rest = ''
        offset = newline + 1
        yield line
      }
      this.ahead = undefined
      rest = decoder.push(part.subarray(end))
    }
    rest += decoder.end()
    if (rest !== '') yield rest
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let part = await this.read(); part; part = await this.read()) yield part
  }

  private fromFile(max: number): Promise<Uint8Array | null> {
    try {
      return this.file().read(max)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }
}

export class FileWriter implements ByteWriter {
  constructor(private readonly file: () => OpenFile) {}

  write(content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === 'string' ? encodeUtf8(content) : content
    try {
      const file = this.file()
      return bytes.length > 0 ? file.write(bytes) : Promise.resolve()
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }
}
