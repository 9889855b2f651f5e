/** memcached: set, get, delete, version and quit of its text protocol. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Connection } from '#engine/linux/abi/net'
import type { Program } from '#engine/linux/abi/program'
import { untilSignal } from '#engine/images/tools/lifetime'

const mostKeys = 10_000

export const memcached: Program = {
  name: 'memcached',
  unsupported: 'expiry, flags, counters, cas, statistics and the binary protocol',
  async run(process) {
    const store = new Map<string, string>()
    const listener = process.net.listen({ address: '0.0.0.0', port: 11211 })
    const accept = async (): Promise<void> => {
      for (;;) {
        const connection = await listener.accept()
        process.background(() => new Conversation(connection, store).run())
      }
    }
    process.background(accept)
    return untilSignal(process)
  },
}

class Conversation {
  private buffer = ''

  constructor(
    private readonly connection: Connection,
    private readonly store: Map<string, string>,
  ) {}

  async run(): Promise<void> {
    try {
      for (let part = await this.connection.read(); part !== null; part = await this.connection.read()) {
        this.buffer += new TextDecoder().decode(part)
        for (let line = this.command(); line !== undefined; line = this.command()) if (!(await this.answer(line))) return this.connection.close()
      }
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    this.connection.close()
  }

  /** The next line that has come whole, with the block of data that a `set` brings. */
  private command(): { words: readonly string[]; data: string } | undefined {
    const end = this.buffer.indexOf('\r\n')
    if (end < 0) return undefined
    const words = this.buffer.slice(0, end).split(' ')
    const size = words[0] === 'set' ? Number(words[4]) : 0
    const length = words[0] === 'set' ? end + 4 + size : end + 2
    if (this.buffer.length < length) return undefined
    const data = this.buffer.slice(end + 2, end + 2 + size)
    this.buffer = this.buffer.slice(length)
    return { words, data }
  }

  /** False ends the conversation. */
  private async answer({ words: [verb = '', key = ''], data }: { words: readonly string[]; data: string }): Promise<boolean> {
    if (verb === 'quit') return false
    await this.connection.write(new TextEncoder().encode(this.reply(verb, key, data)))
    return true
  }

  private reply(verb: string, key: string, data: string): string {
    const value = this.store.get(key)
    switch (verb) {
      case 'set':
        if (this.store.size < mostKeys) this.store.set(key, data)
        return 'STORED\r\n'
      case 'get': return value === undefined ? 'END\r\n' : `VALUE ${key} 0 ${value.length}\r\n${value}\r\nEND\r\n`
      case 'delete': return this.store.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n'
      case 'version': return 'VERSION 1.6.39\r\n'
      default: return 'ERROR\r\n'
    }
  }
}
