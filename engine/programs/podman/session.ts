/** What every command of podman gets. */
import type { Process } from '#engine/linux/abi/process'
import { PodmanError } from '#engine/cri/podman/model'
import type { Library } from '#engine/cri/podman/library'
import type { Flags } from '#engine/programs/common/containers/flags'

export interface Session {
  readonly process: Process
  readonly library: Library
  readonly flags: Flags
  /** As it was typed: `podman image rm`. */
  readonly path: string
}

export interface PodmanCommand {
  readonly flags: string
  /** Operands after which flags are the container's. */
  readonly stop?: number
  /** How many operands, in cobra's words. */
  readonly operands?: readonly [least: number, most: number]
  run(session: Session): Promise<number>
}

export type Commands = Readonly<Record<string, PodmanCommand>>

export async function say(session: Session, text: string): Promise<number> {
  await session.process.stdout.write(text)
  return 0
}

export async function complain(session: Session, text: string): Promise<void> {
  await session.process.stderr.write(`Error: ${text}\n`)
}

export function timeText(ms: number): string {
  const text = new Date(Math.floor(ms)).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 23)}000000 +0000 UTC`
}

/** Each operand in turn; what failed is told at the end, and the last failure's code counts. */
export async function each(session: Session, items: readonly string[], work: (item: string) => Promise<void>, code: (error: { code: number; message: string }) => number = (error) => error.code): Promise<number> {
  let result = 0
  for (const item of items) {
    try {
      await work(item)
    } catch (error) {
      if (!(error instanceof PodmanError)) throw error
      await complain(session, error.message)
      result = code(error)
    }
  }
  return result
}
