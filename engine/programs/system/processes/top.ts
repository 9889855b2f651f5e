/** One line of top. */
import { commandLine, type PsContext, type PsRow } from './columns'

export function fitCommand(row: PsRow, whole: boolean): string {
  return whole ? commandLine(row) : row.command
}

export function topColumns(row: PsRow, context: PsContext, command: string): string {
  const kib = Math.round(row.memoryBytes / 1024)
  const user = context.userNames.get(row.uid) ?? String(row.uid)
  const hundredths = Math.floor(row.cpuMs / 10)
  const time = `${Math.floor(hundredths / 6000)}:${String(Math.floor(hundredths / 100) % 60).padStart(2, '0')}.${String(hundredths % 100).padStart(2, '0')}`
  const cpu = Math.min(999, (row.cpuMs / Math.max(1, context.nowMs - row.startedAtMs)) * 100).toFixed(1)
  const cells = [String(row.pid).padStart(7), (user.length > 8 ? `${user.slice(0, 7)}+` : user).padEnd(8), String(20 + row.nice).padStart(3), String(row.nice).padStart(3), sized(kib * 3, 7), sized(kib, 6), sized(Math.round(kib / 2), 6), row.state, cpu.padStart(5), ((row.memoryBytes / context.totalMemory) * 100).toFixed(1).padStart(5), time.padStart(9), command]
  return cells.join(' ')
}

function sized(kib: number, width: number): string {
  const text = String(kib)
  return (text.length <= width ? text : `${(kib / 1024).toFixed(1)}m`).padStart(width)
}
