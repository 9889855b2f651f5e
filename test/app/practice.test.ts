import { AxeBuilder } from './axe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { App, numberAfter, picture, terminalShows, typeInTerminal } from './browser'

describe('practice in the app', () => {
  const app = new App()
  let page: Page

  beforeAll(async () => {
    page = await app.open()
  })
  afterAll(() => app.close())

  it('lists the labs, searches them, and has nothing that axe finds serious', async () => {
    await page.getByRole('heading', { name: 'Practice' }).waitFor()
    await page.locator('.card').nth(5).waitFor()
    await picture(page, 'labs')
    expect(await new AxeBuilder(page).serious()).toEqual([])
    await page.keyboard.press('/')
    await page.keyboard.type('kubelet')
    expect(await page.locator('.card h3').allTextContents()).toEqual(['A worker has gone silent'])
  })

  it('goes from task to graded result, typed into the terminal: the kubelet is dead, read, mended, graded', async () => {
    // The one lab that the search has left starts by Enter.
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Task' }).waitFor({ timeout: 60_000 })
    await terminalShows(page, 'root@base')
    await typeInTerminal(page, 'ssh node01')
    await terminalShows(page, 'root@node01')
    await typeInTerminal(page, 'systemctl is-active kubelet')
    await terminalShows(page, 'inactive')
    await picture(page, 'desk')
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.getByRole('heading', { name: '0 of 8 points' }).waitFor({ timeout: 60_000 })
    await picture(page, 'desk-lost')
    expect(await new AxeBuilder(page).serious()).toEqual([])
    await typeInTerminal(page, "sed -i 's#clientCAFile:.*#clientCAFile: /etc/kubernetes/pki/ca.crt#' /var/lib/kubelet/config.yaml")
    await typeInTerminal(page, 'systemctl enable --now kubelet; systemctl is-active kubelet')
    await terminalShows(page, 'Created symlink')
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.getByRole('heading', { name: '8 of 8 points' }).waitFor({ timeout: 60_000 })
    await picture(page, 'desk-solved')
  })

  it('is as readable in the dark and on a narrow screen', async () => {
    const colours = async (): Promise<void> => {
      await page.getByText('View', { exact: true }).click()
      await page.getByRole('button', { name: /^(Dark|Light)$/ }).click()
      await page.keyboard.press('Escape')
    }
    await colours()
    expect(await new AxeBuilder(page).serious()).toEqual([])
    await picture(page, 'desk-dark')
    await page.setViewportSize({ width: 390, height: 844 })
    await terminalShows(page, 'root@node01')
    expect(await new AxeBuilder(page).serious()).toEqual([])
    await picture(page, 'desk-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await colours()
  })

  it('copies a name from the task by a click, and says what it will not paste', async () => {
    await page.getByRole('region', { name: 'Task' }).getByText('ssh node01').click()
    await page.getByText('Copied: ssh node01').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('ssh node01')
    await page.evaluate(() => navigator.clipboard.writeText('x'.repeat(1_100_000)))
    await page.locator('.terminal-panel:not([hidden]) .xterm-helper-textarea').focus()
    await page.keyboard.press('Control+Shift+V')
    await page.getByText(/^Not pasted: 1,100,0\d\d characters/).waitFor()
  })

  it('finds in the terminal what was printed', async () => {
    await typeInTerminal(page, 'clear; seq 1 300')
    await terminalShows(page, '300')
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('277', { delay: 20 })
    await page.getByText('1 of 1').waitFor()
    await page.keyboard.press('Escape')
  })

  it('opens a shell of this computer beside the others, with the cluster at hand', async () => {
    await page.getByRole('button', { name: 'New shell of this computer' }).click()
    await typeInTerminal(page, 'echo "at $KUBECONFIG"')
    await terminalShows(page, `at ${app.home}/kubeconfig`)
    await page.keyboard.press('Alt+1')
    await terminalShows(page, 'root@node01')
    await page.getByRole('tab', { name: 'this computer 2' }).click()
    await page.getByRole('button', { name: 'Close this terminal' }).click()
    expect(await page.getByRole('tab').allTextContents()).toEqual(['base 1'])
  })

  it('leads out of the terminal and back by a key, and lets a minute pass', async () => {
    await typeInTerminal(page, 'clear')
    await page.keyboard.press('F6')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Task')
    await page.keyboard.press('F6')
    await typeInTerminal(page, 'clear; date +passed-%s')
    const before = await numberAfter(page, 'passed-')
    await page.getByRole('button', { name: 'Let a minute pass in the cluster' }).click()
    await page.getByRole('button', { name: 'Check', exact: true }).waitFor()
    await typeInTerminal(page, 'clear; date +later-%s')
    expect((await numberAfter(page, 'later-')) - before).toBeGreaterThanOrEqual(60)
  })

  it('stays usable while a program floods the terminal, and Ctrl+C ends it', async () => {
    await typeInTerminal(page, 'clear; yes | cat')
    await terminalShows(page, 'y')
    await page.waitForTimeout(1000)
    await page.keyboard.press('Control+c')
    await typeInTerminal(page, 'clear; echo over')
    await page.locator('.xterm-rows').filter({ hasText: /^.*over/ }).filter({ hasNotText: 'yy' }).waitFor({ timeout: 5000 })
  })

  it('puts the scene back', async () => {
    await typeInTerminal(page, 'clear; echo before-the-reset')
    await terminalShows(page, 'before-the-reset')
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.locator('.xterm-rows').filter({ hasNotText: 'before-the-reset' }).waitFor()
    await terminalShows(page, 'root@base')
    await typeInTerminal(page, 'ssh node01 systemctl is-active kubelet')
    await terminalShows(page, 'inactive')
  })

  it('takes a reset back', async () => {
    // What is typed does not hold what is waited for: only the command's own output does.
    await typeInTerminal(page, "clear; echo precious > /root/work; echo writ''ten")
    await terminalShows(page, 'written')
    await page.getByRole('button', { name: 'Reset' }).click()
    // The scene's own terminal has to be there before: its prompt is not the one that Undo brings.
    await page.locator('.xterm-rows').filter({ hasNotText: 'written' }).waitFor()
    await terminalShows(page, 'root@base')
    await typeInTerminal(page, "echo thro''wn away")
    await terminalShows(page, 'thrown away')
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.locator('.xterm-rows').filter({ hasNotText: 'thrown away' }).waitFor()
    await terminalShows(page, 'root@base')
    await typeInTerminal(page, 'cat /root/work')
    await terminalShows(page, 'precious')
  })

  it('shows in a second window what the first one does', async () => {
    const second = await page.context().newPage()
    await second.goto(new URL('/', page.url()).href)
    await second.getByRole('heading', { name: 'A worker has gone silent' }).waitFor()
    await page.getByRole('button', { name: 'Hint' }).click()
    await second.getByText('tells whether the service runs').waitFor()
    await second.getByRole('button', { name: 'Reset' }).click()
    await page.locator('.xterm-rows').filter({ hasNotText: 'precious' }).waitFor()
    await terminalShows(page, 'root@base')
    await second.close()
  })

  it('finds the attempt where it was after a crash of the program', async () => {
    await typeInTerminal(page, "echo kept > /root/note; echo writ''ten")
    await terminalShows(page, 'written')
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.getByRole('heading', { name: '0 of 8 points' }).waitFor({ timeout: 60_000 })
    await app.kill()
    await page.getByText('The trainer has stopped').waitFor()
    page = await app.open()
    await page.getByRole('heading', { name: 'A worker has gone silent' }).waitFor({ timeout: 60_000 })
    await page.getByRole('heading', { name: '0 of 8 points' }).waitFor()
    await terminalShows(page, 'root@base')
    await typeInTerminal(page, 'cat /root/note')
    await terminalShows(page, 'kept')
  })
})
