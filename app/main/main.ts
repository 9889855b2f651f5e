/** Electron's main: starts the host in a utility process, opens the window, joins the two by a MessagePort. */
import { app, BrowserWindow, Menu, MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { join } from 'node:path'
import { denyEverythingElse } from './permissions'
import { serveRenderer, rendererUrl } from './protocol'

const root = join(__dirname, '..')

/** How long the host may take to write down where the candidate is. */
const longestGoodbyeMs = 3000

app.enableSandbox()
serveRenderer.register()

// A second start brings the first one's window forward: one home has one host.
if (app.requestSingleInstanceLock()) void app.whenReady().then(open)
else app.quit()

app.on('window-all-closed', () => app.quit())

function open(): void {
  serveRenderer.handle(join(root, 'renderer'))
  // macOS takes the keys for copy, paste and quit from the menu; elsewhere there is none.
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null)
  const host = utilityProcess.fork(join(root, 'cli', 'seatrial.mjs'), ['host'], { serviceName: 'seatrial-host', stdio: 'inherit' })
  const window = openWindow(host)
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  host.once('exit', () => {
    if (!window.isDestroyed()) window.webContents.send('host-gone')
  })
  quitAfter(host)
}

function openWindow(host: UtilityProcess): BrowserWindow {
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
  return window
}

/** The program ends when the host has written down where the candidate is, or has had its time. */
function quitAfter(host: UtilityProcess): void {
  let gone = false
  host.once('exit', () => (gone = true))
  app.on('before-quit', (event) => {
    if (gone) return
    event.preventDefault()
    host.postMessage('quit')
    const end = (): void => {
      gone = true
      app.quit()
    }
    host.once('exit', end)
    setTimeout(end, longestGoodbyeMs)
  })
}
