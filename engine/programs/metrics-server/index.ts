import type { Program } from '#engine/linux/abi/program'
import { metricsServer } from './metrics-server'

export const metricsServerPrograms: readonly Program[] = [metricsServer]
