import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SessionServer, type SessionHost } from './session-server'

const nobody: SessionHost = {
  get cluster(): never {
    throw new Error('no cluster')
  },
  enter: () => undefined,
  call: () => Promise.reject(new Error('nothing to call')),
}

describe('the socket of the terminal clients', () => {
  it('belongs to one program at a time, and to the next one after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seatrial-socket-'))
    const path = join(folder, 'host.sock')
    const first = new SessionServer(path, nobody)
    await first.listen()
    await expect(new SessionServer(path, nobody).listen()).rejects.toThrow('at work already')
    first.close()
    const second = new SessionServer(path, nobody)
    await second.listen()
    second.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
