/** The order of the queue is the queue's own: this plugin stands for it in configurations. */
import type { PluginFactory } from '#engine/scheduler/framework'

export const prioritySort: PluginFactory = { name: 'PrioritySort', create: () => ({ name: 'PrioritySort' }) }
