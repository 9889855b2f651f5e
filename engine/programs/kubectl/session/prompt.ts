/** A user without credentials is asked for name and password, as client-go does. */
import type { ClientConfig } from '#engine/client/config'
import type { Process } from '#engine/linux/abi/process'
import { SetupError } from './errors'

export function canIdentify(config: ClientConfig): boolean {
  return [config.username, config.certificate, config.token, config.tokenFile, config.exec].some((value) => value !== undefined && value !== '')
}

/** Only over TLS: a plain connection carries no credentials. */
export function mustAsk(config: ClientConfig): boolean {
  return config.server.toLowerCase().startsWith('https://') && !canIdentify(config)
}

export async function askCredentials(process: Process): Promise<{ username: string; password: string }> {
  const username = await ask(process, 'Username')
  await process.stdout.write('Please enter Password: ')
  const { tty } = process.descriptor(0)
  if (!tty) throw new SetupError('error reading input for Password')
  tty.setMode({ echo: false })
  try {
    return { username, password: (await lineOf(process)) ?? '' }
  } finally {
    tty.setMode({ echo: true })
  }
}

async function ask(process: Process, field: string): Promise<string> {
  await process.stdout.write(`Please enter ${field}: `)
  for (;;) {
    const line = await lineOf(process)
    if (line === undefined) throw new SetupError('EOF')
    const [word] = line.trim().split(/\s+/)
    if (word) return word
  }
}

async function lineOf(process: Process): Promise<string | undefined> {
  for await (const line of process.stdin.lines()) return line
  return undefined
}
