/** Socket units: a file that stands before its service does; who connects to it starts the service and waits for it. */
import type { UnitManager } from '#engine/linux/systemd/context'
import type { Unit } from '#engine/linux/systemd/unit'
import { setting, settings } from '#engine/linux/systemd/unitfile'

const armed = new WeakMap<Unit, (() => void)[]>()

export function armSocket(manager: UnitManager, socket: Unit): void {
  disarmSocket(socket)
  const { process } = manager
  const start = (): void => process.background(async () => void (await manager.start(setting(socket.file, 'Socket', 'Service') ?? socket.name.replace(/\.socket$/, '.service'))))
  const paths = settings(socket.file, 'Socket', 'ListenStream').filter((path) => path.startsWith('/'))
  for (const path of paths) makeFile(manager, socket, path)
  armed.set(socket, paths.map((path) => process.net.activate(path, () => socket.isUp && start())))
}

export function disarmSocket(socket: Unit): void {
  for (const forget of armed.get(socket) ?? []) forget()
  armed.delete(socket)
}

function makeFile({ process: { files } }: UnitManager, socket: Unit, path: string): void {
  if (files.exists(path)) return
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/')
  files.mknod(path, 'socket', 0, 0, 0o666)
  files.chmod(path, parseInt(setting(socket.file, 'Socket', 'SocketMode') ?? '0666', 8))
  files.chown(path, 0, groupNumber(files, setting(socket.file, 'Socket', 'SocketGroup')))
}

function groupNumber(files: { readText(path: string): string; exists(path: string): unknown }, name: string | undefined): number {
  if (name === undefined || !files.exists('/etc/group')) return 0
  return Number(files.readText('/etc/group').split('\n').find((line) => line.startsWith(`${name}:`))?.split(':')[2] ?? 0)
}
