import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { WebHome } from './web'

interface Answer {
  readonly status: number
  readonly cookie: string
  readonly policy: string
}

describe('the browser home', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-web-'))
  const web = new WebHome(folder, (port) => port.send({ event: 'progress', text: 'hello' }))
  let port = 0
  let address = ''
  let cookie = ''

  beforeAll(async () => {
    writeFileSync(join(folder, 'index.html'), '<title>trainer</title>')
    address = await web.listen(0)
    port = Number(new URL(address).port)
  })
  afterAll(() => {
    web.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers }, (response) => {
        response.resume()
        resolve({ status: response.statusCode ?? 0, cookie: (response.headers['set-cookie'] ?? []).join().split(';')[0] ?? '', policy: String(response.headers['content-security-policy'] ?? '') })
      })
        .on('error', reject)
        .end()
    })
  const connect = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers })
      socket.on('message', (data: Buffer) => {
        resolve(data.toString())
        socket.close()
      })
      socket.on('error', () => resolve('refused'))
    })

  it('opens by the address that was printed, once', async () => {
    const path = address.slice(address.indexOf('/?'))
    expect((await get('/')).status).toBe(403)
    const opened = await get(path)
    expect(opened.status).toBe(303)
    cookie = opened.cookie
    expect((await get(path)).status).toBe(403)
    expect((await get('/', { cookie })).status).toBe(200)
  })

  it('lets the page load nothing from anywhere else', async () => {
    expect((await get('/', { cookie })).policy).toContain("default-src 'self'")
  })

  it('answers no other name than its own, as a rebound one would be', async () => {
    expect((await get('/', { cookie, host: `evil.example:${port}` })).status).toBe(421)
  })

  it('serves nothing from outside its folder', async () => {
    expect((await get('/../../../../etc/passwd', { cookie })).status).toBe(404)
    expect((await get('/%2e%2e/%2e%2e/etc/passwd', { cookie })).status).toBe(404)
  })

  it('parts with a page that sends too much, and with nobody else', async () => {
    const headers = { cookie, origin: `http://127.0.0.1:${port}` }
    const other = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers })
    const flood = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers })
    await Promise.all([other, flood].map((socket) => new Promise((resolve) => socket.on('open', resolve))))
    const closed = new Promise((resolve) => flood.on('close', resolve))
    flood.on('error', () => undefined)
    flood.send('x'.repeat(5 * 1024 * 1024))
    await closed
    expect(other.readyState).toBe(WebSocket.OPEN)
    expect(await connect(headers)).toContain('hello')
    other.close()
  })

  it('speaks to its own page alone', async () => {
    const origin = `http://127.0.0.1:${port}`
    expect(await connect({ cookie, origin })).toContain('hello')
    expect(await connect({ cookie, origin: 'http://evil.example' })).toBe('refused')
    expect(await connect({ origin })).toBe('refused')
  })
})
