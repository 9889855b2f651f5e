/** What the page may not do: navigate, open windows (links go to the system's browser), or ask for rights but the clipboard. */
import { shell, type BrowserWindow } from 'electron'
import { rendererUrl } from './protocol'

export function denyEverythingElse(window: BrowserWindow): void {
  const { webContents } = window
  webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(rendererUrl)) event.preventDefault()
  })
  webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  webContents.session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === 'clipboard-sanitized-write' || permission === 'clipboard-read'))
}
