import type { Command } from '#engine/programs/common/cobra/command'
import { configMap, secret } from './data'
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac'
import { ingress, service } from './services'
import { token } from './token'
import { cronJob, deployment, job, namespace, podDisruptionBudget, priorityClass, quota, serviceAccount } from './workloads'

export const createSubcommands: readonly Command[] = [clusterRole, clusterRoleBinding, configMap, cronJob, deployment, ingress, job, namespace, podDisruptionBudget, priorityClass, quota, role, roleBinding, secret, service, serviceAccount, token]
