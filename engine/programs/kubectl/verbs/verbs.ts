/** Every command, in the order of help. */
import type { Command } from '../../common/cobra/command'
import { apply } from './apply/apply'
import { attach } from './attach/attach'
import { autoscale } from './autoscale/autoscale'
import { create } from './create/create'
import { deleteVerb } from './delete/delete'
import { exec } from './exec/exec'
import { expose } from './expose/expose'
import { get } from './get/get'
import { annotate, label } from './label/label'
import { logs } from './logs/logs'
import { patch } from './patch/patch'
import { replace } from './replace/replace'
import { run } from './run/run'
import { scale } from './scale/scale'
import { set } from './set/set'

export const verbs: readonly Command[] = [create, expose, run, set, get, deleteVerb, scale, autoscale, logs, attach, exec, apply, patch, replace, label, annotate]
