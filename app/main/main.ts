/** Electron's main: starts the host in a utility process, opens the window, joins the two by a MessagePort. */
import { app, BrowserWindow, Menu, MessageChannelMain, utilityProcess } from 'electron'
import { join } from 'node:path'
import { denyEverythingElse } from './permissions'
import { serveRenderer, rendererUrl } from './protocol'

const root = join(__dirname, '..')

app.enableSandbox()
serveRenderer.register()

void app.whenReady().then(() => {
  serveRenderer.handle(join(root, 'renderer'))
  Menu.setApplicationMenu(null)
  const host = utilityProcess.fork(join(root, 'cli', 'seatrial.mjs'), ['host'], { serviceName: 'seatrial-host', stdio: 'inherit' })
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    title: 'Seatrial',
    webPreferences: { preload: join(__dirname, 'preload.cjs'), contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
  })
  denyEverythingElse(window)
  window.webContents.on('did-finish-load', () => {
    const { port1, port2 } = new MessageChannelMain()
    host.postMessage('connect', [port1])
    window.webContents.postMessage('host-port', null, [port2])
  })
  void window.loadURL(rendererUrl)
  app.on('before-quit', () => host.postMessage('quit'))
})

app.on('window-all-closed', () => app.quit())
