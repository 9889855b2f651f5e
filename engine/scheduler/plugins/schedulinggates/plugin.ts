import { type PluginFactory, rejectForGood } from '#engine/scheduler/framework'

export const schedulingGates: PluginFactory = {
  name: 'SchedulingGates',
  create: () => ({
    name: 'SchedulingGates',
    preEnqueue(pod) {
      const gates = pod.spec?.schedulingGates ?? []
      return gates.length === 0 ? undefined : rejectForGood(`waiting for scheduling gates: [${gates.map((gate) => gate.name).join(' ')}]`)
    },
    helps: (event) => event.kind === 'UnscheduledPod',
  }),
}
