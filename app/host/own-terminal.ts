/** A shell of the user's own computer, in a terminal of the app: for a real kubectl, helm or k9s with the simulated cluster. */
import { createRequire } from 'node:module'
import { homedir, platform } from 'node:os'
import type { TerminalSession } from '#engine/cluster/index'

interface Pseudo {
  write(data: string): void
  resize(columns: number, rows: number): void
  kill(): void
  pause(): void
  resume(): void
  onData(listener: (data: string) => void): void
  onExit(listener: (exit: { exitCode: number }) => void): void
}

interface PtyModule {
  spawn(file: string, args: readonly string[], options: { name: string; cols: number; rows: number; cwd: string; env: Readonly<Record<string, string>> }): Pseudo
}

export interface OwnTerminalOptions {
  readonly columns: number
  readonly rows: number
  /** Added to the user's own environment. */
  readonly environment: Readonly<Record<string, string>>
  /** The user's login shell by default. */
  readonly shell?: readonly string[]
}

/** `output` may answer with when there is room again: until then the shell waits. Throws where no pseudo terminal can be had. */
export function openOwnTerminal({ columns, rows, environment, shell = loginShell() }: OwnTerminalOptions, output: (bytes: Uint8Array) => Promise<void> | undefined): TerminalSession {
  const [file = '', ...args] = shell
  const own = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const pseudo = pty().spawn(file, args, { name: 'xterm-256color', cols: columns, rows, cwd: homedir(), env: { ...own, ...environment } })
  pseudo.onData((data) => {
    const room = output(new TextEncoder().encode(data))
    if (!room) return
    pseudo.pause()
    void room.then(() => pseudo.resume())
  })
  const text = new TextDecoder()
  return {
    write: (bytes) => pseudo.write(text.decode(bytes, { stream: true })),
    resize: (size) => pseudo.resize(size.columns, size.rows),
    close: () => pseudo.kill(),
    ended: new Promise((resolve) => pseudo.onExit(({ exitCode }) => resolve(exitCode))),
  }
}

function pty(): PtyModule {
  try {
    return createRequire(import.meta.url)('node-pty') as PtyModule
  } catch (error) {
    throw new Error(`a terminal of this computer cannot be opened here: node-pty is not there for it (${(error as Error).message.split('\n')[0] ?? ''})`)
  }
}

function loginShell(): readonly string[] {
  if (platform() === 'win32') return ['powershell.exe']
  return [process.env['SHELL'] ?? '/bin/bash', '-l']
}
