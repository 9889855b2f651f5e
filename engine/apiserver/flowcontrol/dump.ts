/** /debug/api_priority_and_fairness: what the server says of its priority levels. */
const levelHeads = ['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests']
const requestHeads = ['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency', 'StartTime']

export function dumpLevels(names: readonly string[], dispatched: ReadonlyMap<string, number>): string {
  return columns([levelHeads, ...[...names].sort().map((name) => [name, '0', 'true', 'false', '0', '0', String(dispatched.get(name) ?? 0), '0', '0', '0'])])
}

const queueHeads = ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum']

/** `queues`: how many each level has. */
export function dumpQueues(queues: ReadonlyMap<string, number>): string {
  const rows = [...queues].sort().flatMap(([name, count]) => Array.from({ length: count }, (_, index) => [name, String(index), '0', '0', '0', '0.00000000ss', '0', '0', '0.00000000ss']))
  return columns([queueHeads, ...rows])
}

/** Nothing ever waits. */
export function dumpRequests(): string {
  return columns([requestHeads])
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(8, ...rows.map((row) => (row[at] ?? '').length + 2)))
  return rows.map((row) => `${row.map((cell, at) => (at === row.length - 1 ? cell : `${cell},`.padEnd(widths[at] ?? 0))).join('')}\n`).join('')
}
