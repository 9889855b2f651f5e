/** who: who is logged in, by the sessions that hold a terminal. */
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { Accounts, print, quote, usageFailure } from '#engine/programs/common/gnu'
import { formatDate } from '#engine/shell/builtins/strftime'

const who = defineProgram({
  name: 'who',
  flags: { all: flag('-a', '--all'), boot: flag('-b', '--boot'), dead: flag('-d', '--dead'), heading: flag('-H', '--heading'), login: flag('-l', '--login'), lookup: flag('--lookup'), mine: flag('-m'), init: flag('-p', '--process'), count: flag('-q', '--count'), runLevel: flag('-r', '--runlevel'), short: flag('-s', '--short'), clock: flag('-t', '--time'), mesg: flag('-T', '-w', '--mesg'), users: flag('-u', '--users') },
  async run(process, o) {
    if (o.operands.length > 2) return usageFailure(process, `extra operand ${quote(process, o.operands[2] as string)}`)
    const own = process.terminal()?.name
    const logins = sessions(process).filter((login) => !o.mine || login.terminal === own)
    if (o.count) {
      await print(process, `${logins.map((login) => login.user).join(' ')}\n# users=${logins.length}\n`)
      return 0
    }
    if (o.heading) await print(process, `NAME     ${o.mesg ? 'S ' : ''}LINE         TIME             COMMENT\n`)
    for (const login of logins) await print(process, `${login.user.padEnd(8)} ${o.mesg ? '+ ' : ''}${login.terminal.padEnd(12)} ${formatDate('%Y-%m-%d %H:%M', login.sinceMs, 0, 'UTC')}\n`)
    return 0
  },
})

interface Login {
  readonly user: string
  readonly terminal: string
  readonly sinceMs: number
}

/** The leaders of sessions that have a terminal. */
function sessions(process: Process): Login[] {
  const accounts = new Accounts(process)
  const leads = (entry: ProcessEntry): entry is ProcessEntry & { tty: string } => entry.tty !== undefined && entry.session === entry.pid
  return process.processes().filter(leads).map((entry) => ({ user: accounts.user(entry.uid) ?? String(entry.uid), terminal: entry.tty.replace(/^\/dev\//, ''), sinceMs: entry.startedAtMs }))
}

export const loginPrograms: readonly Program[] = [who]
