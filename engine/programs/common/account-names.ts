/** Names of users and groups as programs look them up. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

/** `/etc/passwd` and `/etc/group`, read when asked. */
export class Accounts {
  private users: Map<number, string> | undefined
  private groupNames: Map<number, string> | undefined

  constructor(private readonly process: Process) {}

  user(uid: number): string | undefined {
    this.users ??= this.read('/etc/passwd')
    return this.users.get(uid)
  }

  group(gid: number): string | undefined {
    this.groupNames ??= this.read('/etc/group')
    return this.groupNames.get(gid)
  }

  userId(name: string): number | undefined {
    return this.find('/etc/passwd', name)
  }

  groupId(name: string): number | undefined {
    return this.find('/etc/group', name)
  }

  /** The primary group of a user. */
  loginGroup(name: string): number | undefined {
    const line = this.lines('/etc/passwd').find((fields) => fields[0] === name)
    return line ? Number(line[3]) : undefined
  }

  /** Groups that name the user as a member. */
  memberships(name: string): number[] {
    return this.lines('/etc/group').filter((fields) => (fields[3] ?? '').split(',').includes(name)).map((fields) => Number(fields[2]))
  }

  private find(path: string, name: string): number | undefined {
    const line = this.lines(path).find((fields) => fields[0] === name)
    return line ? Number(line[2]) : undefined
  }

  private read(path: string): Map<number, string> {
    const out = new Map<number, string>()
    for (const fields of this.lines(path)) if (fields[0] && !out.has(Number(fields[2]))) out.set(Number(fields[2]), fields[0])
    return out
  }

  private lines(path: string): string[][] {
    try {
      return this.process.files.readText(path).split('\n').filter((line) => line.includes(':')).map((line) => line.split(':'))
    } catch (error) {
      if (isErrno(error)) return []
      throw error
    }
  }
}
