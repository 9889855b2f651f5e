/** The kubelet's command line. */
import type { Program } from '#engine/linux/abi/program'
import { runKubelet } from '#engine/kubelet/main'
import { kubeletVersion } from '#engine/kubelet/context'
import { lineWriter } from '#engine/cri/lines'
import { Klog } from '#engine/base/klog'
import { FlagError, parseKubeletFlags } from './flags'

export const kubelet: Program = {
  name: 'kubelet',
  unsupported: 'flags of cAdvisor, log formats other than text, credential plugins, device plugins, DRA',
  async run(process) {
    try {
      const parsed = parseKubeletFlags(process.argv.slice(1))
      if (parsed.version) {
        await process.stdout.write(`Kubernetes ${kubeletVersion(process)}\n`)
        return 0
      }
      if (parsed.help) {
        await process.stdout.write('The kubelet is the primary "node agent" that runs on each node.\n\nUsage:\n  kubelet [flags]\n')
        return 0
      }
      return await runKubelet(process, parsed.flags)
    } catch (error) {
      if (!(error instanceof FlagError)) throw error
      const klog = new Klog(process.clock, process.pid, lineWriter(process))
      klog.error('run.go:72', error.message, 'command failed')
      await process.clock.sleep(0)
      return 1
    }
  },
}

export const kubeletPrograms: readonly Program[] = [kubelet]
