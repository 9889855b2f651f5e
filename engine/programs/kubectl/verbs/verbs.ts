/** Every command, in the order of help. */
import type { Command } from '../../common/cobra/command'
import { apply } from './apply/apply'
import { attach } from './attach/attach'
import { create } from './create/create'
import { deleteVerb } from './delete/delete'
import { exec } from './exec/exec'
import { get } from './get/get'
import { logs } from './logs/logs'
import { run } from './run/run'

export const verbs: readonly Command[] = [create, run, get, deleteVerb, logs, attach, exec, apply]
