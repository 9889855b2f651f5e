/** Where the program keeps what it keeps: `$SEATRIAL_HOME`, or the system's folder for application data. */
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir, platform, tmpdir } from 'node:os'
import { join } from 'node:path'

export function seatrialHome(): string {
  const given = process.env['SEATRIAL_HOME']
  const home = given && given !== '' ? given : join(applicationData(), 'seatrial')
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new HomeError(home, 'made', error)
  }
  return home
}

/** The home, for what is going to keep something there. */
export function writableHome(): string {
  const home = seatrialHome()
  try {
    accessSync(home, constants.W_OK)
  } catch (error) {
    throw new HomeError(home, 'written to', error)
  }
  return home
}

/** The folder for what is kept is of no use. */
export class HomeError extends Error {
  override readonly name = 'HomeError'

  constructor(home: string, done: string, cause: unknown) {
    super(`the folder ${home}, in which Seatrial keeps what it keeps, cannot be ${done} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}): set SEATRIAL_HOME to another`)
  }
}

function applicationData(): string {
  if (platform() === 'win32') return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share')
}

/** The local socket of the host that runs for a home. Unix socket paths are short, so a long home gets a name in the temporary folder. */
export function socketPath(home: string): string {
  const id = createHash('sha256').update(home).digest('hex').slice(0, 16)
  if (platform() === 'win32') return `\\\\.\\pipe\\seatrial-${id}`
  const direct = join(home, 'host.sock')
  return direct.length < 100 ? direct : join(tmpdir(), `seatrial-${id}.sock`)
}
