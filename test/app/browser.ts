/** A Chromium with the app open in it, on a home of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

const candidates = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

export class App {
  readonly home = mkdtempSync(join(tmpdir(), 'seatrial-app-'))
  private host: ChildProcess | undefined
  private browser: Browser | undefined

  /** Starts the host and opens its address; resolves when the page is there. */
  async open(): Promise<Page> {
    const address = await this.startHost()
    const executablePath = candidates.find((path) => path !== undefined && existsSync(path))
    this.browser ??= await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] })
    const page = await context.newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    await page.goto(address)
    return page
  }

  /** Ends the host as a crash or a power cut does. */
  async kill(): Promise<void> {
    const { host } = this
    if (!host || host.exitCode !== null) return
    const ended = new Promise((resolve) => host.once('exit', resolve))
    host.kill('SIGKILL')
    await ended
  }

  async close(): Promise<void> {
    await this.browser?.close()
    await this.kill()
    rmSync(this.home, { recursive: true, force: true })
  }

  private startHost(): Promise<string> {
    const host = spawn(process.execPath, ['bin/seatrial.mjs', 'app', '--no-open'], { env: { ...process.env, SEATRIAL_HOME: this.home }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.host = host
    return new Promise((resolve, reject) => {
      let text = ''
      const read = (chunk: Buffer): void => {
        text += chunk.toString()
        const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(text)?.[0]
        if (address) resolve(address)
      }
      host.stdout.on('data', read)
      host.stderr.on('data', read)
      host.once('exit', (code) => reject(new Error(`the host ended with ${code ?? 'a signal'}:\n${text}`)))
    })
  }
}

const pictures = 'test-results'

/** A picture of what a person sees, for a person to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Types into the terminal that is shown and waits until its screen shows a text. */
export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await page.locator('.terminal-panel:not([hidden]) .xterm-helper-textarea').focus()
  await page.keyboard.type(text, { delay: 2 })
  await page.keyboard.press('Enter')
}

export async function terminalShows(page: Page, text: string, timeoutMs = 20_000): Promise<void> {
  const rows = page.locator('.terminal-panel:not([hidden]) .xterm-rows')
  await rows.filter({ hasText: text }).waitFor({ timeout: timeoutMs })
}

/** The number that the terminal shows right after a text. */
export async function numberAfter(page: Page, text: string): Promise<number> {
  const rows = page.locator('.terminal-panel:not([hidden]) .xterm-rows')
  const pattern = new RegExp(`${text}(\\d+)`)
  await rows.filter({ hasText: pattern }).waitFor({ timeout: 20_000 })
  return Number(pattern.exec((await rows.textContent()) ?? '')?.[1])
}
