/** Post-start hooks of kinds (RBAC roles, priority classes, flow schemas). */
import type { BootstrapHook } from '#engine/apiserver/bootstrap'

export const bootstrapHooks: readonly BootstrapHook[] = []
