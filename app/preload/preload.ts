/** The one door between the page and the host: a function that takes what the host says and gives a way to speak. */
import { contextBridge, ipcRenderer } from 'electron'
import type { CallMessage } from '../shared/contract'

let port: MessagePort | undefined
let receive: ((message: unknown) => void) | undefined
let tellLost: (() => void) | undefined
let gone = false
const early: CallMessage[] = []

ipcRenderer.on('host-port', (event) => {
  port = event.ports[0]
  if (!port) return
  port.onmessage = ({ data }) => receive?.(data)
  for (const message of early.splice(0)) port.postMessage(message)
})

ipcRenderer.on('host-gone', () => {
  gone = true
  tellLost?.()
})

contextBridge.exposeInMainWorld('seatrial', {
  connect(listener: (message: unknown) => void, lost: () => void): (message: CallMessage) => void {
    receive = listener
    tellLost = lost
    if (gone) lost()
    return (message) => (port ? port.postMessage(message) : void early.push(message))
  },
})
