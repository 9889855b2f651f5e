import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { type HttpRequest, textBody } from '#engine/base/http'
import { chainIds } from './content'
import { fetchImage } from './pull'
import { parseReference } from './reference'

const layer = { digest: `sha256:${'1'.repeat(64)}`, size: 80_000_000 }
const config = { digest: `sha256:${'2'.repeat(64)}`, size: 10 }
const diffId = `sha256:${'3'.repeat(64)}`

async function pullTime(present: boolean): Promise<number> {
  const clock = new VirtualClock(0)
  const answers = (path: string): string => {
    if (path.includes('/manifests/')) return JSON.stringify({ config, layers: [layer] })
    return path.endsWith(config.digest) ? JSON.stringify({ rootfs: { diff_ids: [diffId] } }) : '{}'
  }
  const request = (_target: unknown, { path }: HttpRequest) => Promise.resolve({ status: 200, headers: {}, body: textBody(answers(path)) })
  const [chain] = chainIds([diffId])
  const pulled = fetchImage({ net: { request }, clock, hosts: () => [{ scheme: 'https', name: 'registry', port: 443 } as never], has: (id) => present && id === chain }, parseReference('docker.io/library/web:1'), undefined)
  let done = false
  void pulled.finally(() => (done = true))
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    if (!done) clock.runNext()
  }
  await pulled
  return clock.now()
}

describe('a pull', () => {
  it('takes the time of its bytes, and next to none where the layers are there', async () => {
    expect(await pullTime(false)).toBe(2400)
    expect(await pullTime(true)).toBe(400)
  })
})
