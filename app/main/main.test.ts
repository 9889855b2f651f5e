import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, vi } from 'vitest'

/** As much of Electron as the main process touches; its binary is not needed. */
const fake = vi.hoisted(() => ({ lock: true, opened: [] as string[], quits: 0, window: undefined as unknown as FakeWindow, options: {} as Record<string, unknown>, host: undefined as unknown as FakeHost, posted: [] as unknown[], sandboxed: false, handlers: {} as Record<string, (...args: never[]) => unknown>, schemes: [] as unknown[] }))

interface FakeHost extends EventEmitter {
  postMessage(message: unknown, ports?: unknown[]): void
  forked: readonly unknown[]
}

interface FakeWindow {
  webContents: EventEmitter & { open(details: { url: string }): { action: string }; sent: unknown[] }
}

vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events')
  const app = Object.assign(new EventEmitter(), {
    enableSandbox: () => (fake.sandboxed = true),
    requestSingleInstanceLock: () => fake.lock,
    whenReady: () => Promise.resolve(),
    quit: () => {
      fake.quits++
      let stopped = false
      app.emit('before-quit', { preventDefault: () => (stopped = true) })
      if (!stopped) app.emit('ended')
    },
  })
  class BrowserWindow {
    webContents = Object.assign(new EventEmitter(), {
      sent: [] as unknown[],
      open: (_details: { url: string }) => ({ action: 'none' }),
      setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
        this.open = handler
      },
      session: {
        setPermissionRequestHandler: (handler: never) => (fake.handlers['request'] = handler),
        setPermissionCheckHandler: (handler: never) => (fake.handlers['check'] = handler),
      },
      postMessage(channel: string) {
        this.sent.push(channel)
      },
      send(channel: string) {
        this.sent.push(channel)
      },
    })
    constructor(options: Record<string, unknown>) {
      fake.options = options
      fake.window = this as unknown as FakeWindow
    }
    loadURL = (url: string) => Promise.resolve(fake.opened.push(url))
    isDestroyed = () => false
    isMinimized = () => false
    focus = () => undefined
  }
  return {
    app,
    BrowserWindow,
    Menu: { setApplicationMenu: () => undefined, buildFromTemplate: () => ({}) },
    MessageChannelMain: class {
      port1 = {}
      port2 = {}
    },
    utilityProcess: {
      fork: (...forked: unknown[]) => {
        fake.host = Object.assign(new EventEmitter(), { forked, postMessage: (message: unknown) => fake.posted.push(message) }) as FakeHost
        return fake.host
      },
    },
    shell: { openExternal: (url: string) => Promise.resolve(fake.opened.push(url)) },
    protocol: { registerSchemesAsPrivileged: (schemes: unknown[]) => fake.schemes.push(...schemes), handle: (_scheme: string, handler: never) => (fake.handlers['protocol'] = handler) },
    net: { fetch: (url: string) => Promise.resolve(new Response(url, { headers: { 'content-type': 'text/html' } })) },
  }
})

describe("Electron's main process", () => {
  beforeAll(async () => {
    await import('./main')
    await vi.waitFor(() => expect(fake.window).toBeDefined())
  })

  it('gives the page no Node, no remote module and no unsandboxed code', () => {
    expect(fake.sandboxed).toBe(true)
    expect(fake.options['webPreferences']).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true })
    expect(fake.opened).toEqual(['seatrial://app/'])
  })

  it('lets the page go nowhere else; links open in the browser of the system, and only by https', () => {
    const { webContents } = fake.window
    const leaves = (event: string, url: string): boolean => {
      let prevented = false
      webContents.emit(event, { preventDefault: () => (prevented = true) }, url)
      return !prevented
    }
    expect(leaves('will-navigate', 'https://evil.example/')).toBe(false)
    expect(leaves('will-redirect', 'https://evil.example/')).toBe(false)
    expect(leaves('will-attach-webview', 'about:blank')).toBe(false)
    expect(leaves('will-navigate', 'seatrial://app/')).toBe(true)
    expect(webContents.open({ url: 'https://kubernetes.io/docs/' })).toEqual({ action: 'deny' })
    expect(webContents.open({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(fake.opened).toEqual(['seatrial://app/', 'https://kubernetes.io/docs/'])
  })

  it('grants the clipboard and nothing else', () => {
    const asked = (permission: string): unknown => {
      let answer: unknown
      fake.handlers['request']?.(...([{}, permission, (given: boolean) => (answer = given)] as never[]))
      return answer
    }
    expect(['clipboard-read', 'clipboard-sanitized-write', 'media', 'geolocation', 'notifications', 'openExternal'].map(asked)).toEqual([true, true, false, false, false, false])
    expect(fake.handlers['check']?.(...([{}, 'media'] as never[]))).toBe(false)
  })

  it("serves the renderer's files alone, under a policy that forbids every other source", async () => {
    const get = (path: string): Promise<Response> => fake.handlers['protocol']?.({ url: path } as never) as Promise<Response>
    const page = await get('seatrial://app/')
    expect(await page.text()).toMatch(/renderer\/index\.html$/)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe-eval')
    expect((await get('seatrial://app/..%2f..%2fpackage.json')).status).not.toBe(500)
    expect((await get('seatrial://app/x/../../cli/seatrial.mjs').then((answer) => answer.text())).includes('/dist/cli/')).toBe(false)
    expect(fake.schemes).toEqual([expect.objectContaining({ scheme: 'seatrial', privileges: expect.objectContaining({ standard: true, secure: true }) as object })])
  })

  it('joins page and host by a port when the page is there, and tells the page when the host is gone', () => {
    fake.window.webContents.emit('did-finish-load')
    expect([fake.posted, fake.window.webContents.sent]).toEqual([['connect'], ['host-port']])
    expect(String(fake.host.forked[0])).toMatch(/cli\/seatrial\.mjs$/)
  })

  it('ends when the host has said where the candidate is', async () => {
    const { app } = (await import('electron')) as unknown as { app: EventEmitter & { quit(): void } }
    let ended = false
    app.on('ended', () => (ended = true))
    app.quit()
    expect([fake.posted.at(-1), ended]).toEqual(['quit', false])
    fake.host.emit('exit', 0)
    expect([ended, fake.window.webContents.sent.at(-1)]).toEqual([true, 'host-gone'])
  })
})

describe('what is packed for the desktop', () => {
  const config = readFileSync('electron-builder.yml', 'utf8')
  const files = /^files: \[(.*)\]$/m.exec(config)?.[1] ?? ''

  it('is what the program reads when it runs, and no sources', () => {
    for (const needed of ['dist/**', 'labs/catalog/**', 'package.json', '!dist/packages']) expect(files).toContain(needed)
    expect(files).not.toMatch(/engine|app\/|test/)
    const { main } = JSON.parse(readFileSync('package.json', 'utf8')) as { main: string }
    expect(main.startsWith('dist/')).toBe(true)
  })
})
