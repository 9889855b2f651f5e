/** Tools that are on the machines' disks and that this simulation does not have: one clear line, and a failure. */
import type { Program } from '#engine/linux/abi/program'

function missing(name: string, shown: string, why: string): Program {
  return {
    name,
    unsupported: why,
    async run(process) {
      await process.stderr.write(`${shown}: not supported in this simulation: ${why}\n`)
      return 1
    },
  }
}

export const unsupportedPrograms: readonly Program[] = [
  missing('tcpdump', 'tcpdump', 'connections are simulated, there are no packets to capture; use ss, conntrack or iptables counters'),
  missing('bridge', 'bridge', 'use ip link show master BRIDGE'),
  missing('tc', 'tc', 'there is no traffic control'),
  missing('busybox-unsupported', 'busybox', 'this applet'),
]
