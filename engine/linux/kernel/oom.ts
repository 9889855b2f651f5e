/** The out-of-memory killer: the biggest process of the group goes. */
import type { Cgroup } from '#engine/linux/kernel/cgroup'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Task } from '#engine/linux/kernel/task'

export function relieve(kernel: Kernel, group: Cgroup): void {
  while (group.memoryBytes > (group.parent ? group.memoryMax : kernel.options.memoryBytes)) {
    const victim = pick(group, kernel.options.memoryBytes)
    if (!victim) return
    const whole = wholeGroupOf(victim)
    const victims = whole ? [...whole.subtree()] : [victim]
    ;(whole ?? victim.cgroup).noteOom()
    for (const each of victims) kill(kernel, each, group)
  }
}

function kill(kernel: Kernel, task: Task, group: Cgroup): void {
  const kilobytes = Math.round(task.memoryBytes / 1024)
  const cause = group.parent ? 'Memory cgroup out of memory' : 'Out of memory'
  kernel.log.add(`${cause}: Killed process ${task.pids.global} (${task.command}) total-vm:${kilobytes}kB, anon-rss:${kilobytes}kB, file-rss:0kB, shmem-rss:0kB, UID:${task.credentials.uid} pgtables:84kB oom_score_adj:${task.oomScoreAdjust}`, 3)
  task.terminate({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false })
}

function pick(group: Cgroup, totalBytes: number): Task | undefined {
  let best: Task | undefined
  let bestScore = -Infinity
  for (const task of group.subtree()) {
    if (task.oomScoreAdjust <= -1000) continue
    const score = task.memoryBytes + (task.oomScoreAdjust * totalBytes) / 1000
    if (score > bestScore) {
      best = task
      bestScore = score
    }
  }
  return best
}

/** With memory.oom.group a group dies as one. */
function wholeGroupOf(task: Task): Cgroup | undefined {
  for (let at: Cgroup | undefined = task.cgroup; at; at = at.parent) if (at.settings.get('memory.oom.group') === '1') return at
  return undefined
}
