/** What the page may not do: navigate, open windows (links go to the system's browser), or ask for rights but the clipboard. */
import { shell, type BrowserWindow } from 'electron'
import { rendererUrl } from './protocol'

const granted: readonly string[] = ['clipboard-sanitized-write', 'clipboard-read']

export function denyEverythingElse(window: BrowserWindow): void {
  const { webContents } = window
  const stay = (event: { preventDefault(): void }, url: string): void => {
    if (!url.startsWith(rendererUrl)) event.preventDefault()
  }
  webContents.on('will-navigate', stay)
  webContents.on('will-redirect', stay)
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  webContents.session.setPermissionRequestHandler((_contents, permission, decide) => decide(granted.includes(permission)))
  webContents.session.setPermissionCheckHandler((_contents, permission) => granted.includes(permission))
}
