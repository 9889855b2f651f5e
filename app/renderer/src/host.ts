/** The host from the renderer's side: calls with answers, and events, over a WebSocket or the desktop's MessagePort. */
import type { CallMessage, CallName, Contract, HostEvent, ReplyMessage } from '../../shared/contract'

export interface Host {
  call<K extends CallName>(call: K, params: Contract[K]['params']): Promise<Contract[K]['result']>
  /** Returns how to stop listening. */
  listen(receive: (event: HostEvent) => void): () => void
  /** Called once when the host is gone. */
  onLost(lost: () => void): void
}

interface Wire {
  send(message: CallMessage): void
}

declare global {
  interface Window {
    /** Given by the desktop's preload; absent in a browser. */
    readonly seatrial?: { connect(receive: (message: unknown) => void, lost: () => void): (message: CallMessage) => void }
  }
}

export function connectHost(): Host {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const listeners = new Set<(event: HostEvent) => void>()
  const lostListeners = new Set<() => void>()
  let next = 1
  const receive = (message: ReplyMessage | HostEvent): void => {
    if ('event' in message) {
      for (const listener of listeners) listener(message)
      return
    }
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if ('error' in message) call?.reject(new Error(message.error))
    else call?.resolve(message.result as never)
  }
  let isLost = false
  const lost = (): void => {
    isLost = true
    for (const { reject } of waiting.values()) reject(new Error('The trainer has stopped.'))
    waiting.clear()
    for (const listener of lostListeners) listener()
  }
  const wire = window.seatrial ? desktopWire(receive, lost) : socketWire(receive, lost)
  return {
    call: (call, params) =>
      new Promise((resolve, reject) => {
        if (isLost) return reject(new Error('The trainer has stopped.'))
        const id = next++
        waiting.set(id, { resolve: resolve as (value: never) => void, reject })
        wire.send({ id, call, params })
      }),
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onLost: (listener) => void lostListeners.add(listener),
  }
}

function desktopWire(receive: (message: ReplyMessage | HostEvent) => void, lost: () => void): Wire {
  const send = window.seatrial?.connect((message) => receive(message as ReplyMessage | HostEvent), lost)
  return { send: (message) => send?.(message) }
}

function socketWire(receive: (message: ReplyMessage | HostEvent) => void, lost: () => void): Wire {
  const socket = new WebSocket(`ws://${location.host}/rpc`)
  const early: CallMessage[] = []
  socket.addEventListener('open', () => {
    for (const message of early.splice(0)) socket.send(JSON.stringify(message))
  })
  socket.addEventListener('message', (event) => receive(JSON.parse(String(event.data)) as ReplyMessage | HostEvent))
  socket.addEventListener('close', lost)
  return { send: (message) => (socket.readyState === WebSocket.OPEN ? socket.send(JSON.stringify(message)) : void early.push(message)) }
}
