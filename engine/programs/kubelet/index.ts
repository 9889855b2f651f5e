/** The kubelet's command line. */
import type { Program } from '#engine/linux/abi/program'
import { runKubelet } from '#engine/kubelet/main'
import { kubeletVersion } from '#engine/kubelet/context'
import { lineWriter } from '#engine/cri/lines'
import { Klog } from '#engine/base/klog'
import { gateMapProblem } from '#engine/programs/common/component/feature-gates'
import { FlagError, parseKubeletFlags } from './flags'
import { podSchema } from './podschema'

const deprecation = "This parameter should be set via the config file specified by the Kubelet's --config flag. See https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/ for more information."

export const kubelet: Program = {
  name: 'kubelet',
  unsupported: 'flags of cAdvisor, log formats other than text, credential plugins, device plugins, DRA; feature gates have no effect',
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
      for (const name of parsed.deprecated) await process.stderr.write(`Flag --${name} has been deprecated, ${deprecation}\n`)
      return await runKubelet(process, parsed.flags, { pods: podSchema, gateProblem: gateMapProblem })
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
