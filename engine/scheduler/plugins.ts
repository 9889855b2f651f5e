/** All plugins, in the order in which they run, with the weights of their scores. */
import type { PluginFactory } from '#engine/scheduler/framework'
import { defaultBinder } from '#engine/scheduler/plugins/defaultbinder/plugin'
import { defaultPreemption } from '#engine/scheduler/plugins/defaultpreemption/plugin'
import { dynamicResources } from '#engine/scheduler/plugins/dynamicresources/plugin'
import { imageLocality } from '#engine/scheduler/plugins/imagelocality/plugin'
import { interPodAffinity } from '#engine/scheduler/plugins/interpodaffinity/plugin'
import { nodeAffinity } from '#engine/scheduler/plugins/nodeaffinity/plugin'
import { nodeName } from '#engine/scheduler/plugins/nodename/plugin'
import { nodePorts } from '#engine/scheduler/plugins/nodeports/plugin'
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from '#engine/scheduler/plugins/noderesources/plugin'
import { nodeUnschedulable } from '#engine/scheduler/plugins/nodeunschedulable/plugin'
import { nodeVolumeLimits } from '#engine/scheduler/plugins/nodevolumelimits/plugin'
import { podTopologySpread } from '#engine/scheduler/plugins/podtopologyspread/plugin'
import { prioritySort } from '#engine/scheduler/plugins/prioritysort/plugin'
import { schedulingGates } from '#engine/scheduler/plugins/schedulinggates/plugin'
import { taintToleration } from '#engine/scheduler/plugins/tainttoleration/plugin'
import { volumeBinding } from '#engine/scheduler/plugins/volumebinding/plugin'
import { volumeRestrictions } from '#engine/scheduler/plugins/volumerestrictions/plugin'
import { volumeZone } from '#engine/scheduler/plugins/volumezone/plugin'

export const defaultPlugins: readonly { readonly factory: PluginFactory; readonly weight: number }[] = [
  { factory: schedulingGates, weight: 0 },
  { factory: prioritySort, weight: 0 },
  { factory: nodeUnschedulable, weight: 0 },
  { factory: nodeName, weight: 0 },
  { factory: taintToleration, weight: 3 },
  { factory: nodeAffinity, weight: 2 },
  { factory: nodePorts, weight: 0 },
  { factory: nodeResourcesFit, weight: 1 },
  { factory: volumeRestrictions, weight: 0 },
  { factory: nodeVolumeLimits, weight: 0 },
  { factory: volumeBinding, weight: 0 },
  { factory: volumeZone, weight: 0 },
  { factory: podTopologySpread, weight: 2 },
  { factory: interPodAffinity, weight: 2 },
  { factory: dynamicResources, weight: 0 },
  { factory: defaultPreemption, weight: 0 },
  { factory: nodeResourcesBalancedAllocation, weight: 1 },
  { factory: imageLocality, weight: 1 },
  { factory: defaultBinder, weight: 0 },
]
