import { describe, expect, it } from 'vitest'
import { openOwnTerminal } from './own-terminal'

describe.skipIf(process.platform === 'win32')('a terminal of the user\'s own computer', () => {
  const open = (script: string, limit = Infinity): { out: () => string; session: ReturnType<typeof openOwnTerminal> } => {
    let out = ''
    const session = openOwnTerminal({ columns: 77, rows: 20, environment: { KUBECONFIG: '/kube/config' }, shell: ['/bin/sh', '-c', script] }, (bytes) => {
      out += new TextDecoder().decode(bytes)
      return out.length > limit ? new Promise(() => undefined) : undefined
    })
    return { out: () => out, session }
  }

  it('is a terminal of its size, with the cluster at hand, and tells how its shell ended', async () => {
    const { out, session } = open('stty size; echo $KUBECONFIG; exit 3')
    expect(await session.ended).toBe(3)
    expect(out()).toBe('20 77\r\n/kube/config\r\n')
  })

  it('takes what is typed, and is told of another size', async () => {
    const { out, session } = open('read line; stty size; echo "got $line"')
    session.resize({ columns: 100, rows: 30 })
    session.write(new TextEncoder().encode('h\u00e4fen\r'))
    expect(await session.ended).toBe(0)
    expect(out()).toContain('30 100\r\ngot h\u00e4fen')
  })

  it('waits while nobody has room for what it says, and ends with its window', async () => {
    const { out, session } = open('yes', 100_000)
    await new Promise((resolve) => setTimeout(resolve, 400))
    const before = out().length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect([out().length - before, before < 500_000]).toEqual([0, true])
    session.close()
    await session.ended
  })
})
