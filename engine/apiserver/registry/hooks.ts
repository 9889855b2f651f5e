/** What the server writes at its start, in the order of /livez?verbose. */
import type { BootstrapHook } from '#engine/apiserver/bootstrap'
import { kubernetesService } from '#engine/apiserver/bootstrap/kubernetes-service'
import { flowControl, legacyTokenTracking, serviceNetwork, systemNamespaces, systemPriorityClasses } from '#engine/apiserver/bootstrap/objects'
import { bootstrapRoles } from '#engine/apiserver/bootstrap/rbac'

export const bootstrapHooks: readonly BootstrapHook[] = [systemNamespaces, legacyTokenTracking, bootstrapRoles, systemPriorityClasses, flowControl, serviceNetwork, kubernetesService]
