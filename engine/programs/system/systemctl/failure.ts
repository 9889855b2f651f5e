/** Why a job failed, in systemctl's words and exit codes. */
import type { JobAnswer, JobKind } from '#engine/linux/systemd/bus'

const verbs: Readonly<Record<JobKind, string>> = {
  start: 'start', stop: 'stop', restart: 'restart', reload: 'reload', 'try-restart': 'try-restart', 'reload-or-restart': 'reload-or-restart', 'try-reload-or-restart': 'try-reload-or-restart', isolate: 'start',
}

export interface Failure {
  readonly text: string
  readonly code: number
}

export function failureOf(kind: JobKind, { name, result, unit }: JobAnswer): Failure | undefined {
  const failed = `Failed to ${verbs[kind]} ${name}: `
  const see = `See system logs and 'systemctl status ${name}' for details.\n`
  switch (result) {
    case 'not-found':
      return { text: `${failed}Unit ${name} ${['stop', 'reload'].includes(kind) ? 'not loaded' : 'not found'}.\n`, code: 5 }
    case 'masked':
      return { text: `${failed}Unit ${name} is masked.\n`, code: 1 }
    case 'error':
      return { text: `${failed}Unit ${name} failed to load properly, please adjust/correct and reload service manager: Bad message\n${see}`, code: 1 }
    case 'bad-setting':
      return { text: `${failed}Unit ${name} has a bad unit file setting.\n${see}`, code: 1 }
    case 'inapplicable':
      return { text: `${failed}Job type reload is not applicable for unit ${name}.\n`, code: 3 }
    case 'dependency':
      return { text: `A dependency job for ${name} failed. See 'journalctl -xe' for details.\n`, code: 1 }
    case 'canceled':
      return { text: `Job for ${name} canceled.\n`, code: 1 }
    case 'failed':
      return { text: jobFailed(name, reasonOf(kind, unit)), code: 1 }
    default:
      return undefined
  }
}

function reasonOf(kind: JobKind, unit: JobAnswer['unit']): string {
  return kind === 'reload' && unit.activeState === 'inactive' ? 'inactive' : unit.result
}

const reasons: Readonly<Record<string, string>> = {
  resources: 'of unavailable resources or another system error',
  protocol: 'the service did not take the steps required by its unit configuration',
  timeout: 'a timeout was exceeded',
  'exit-code': 'the control process exited with error code',
  signal: 'a fatal signal was delivered to the control process',
  'core-dump': 'a fatal signal was delivered causing the control process to dump core',
  'oom-kill': 'of the OOM killer',
}

function jobFailed(name: string, result: string): string {
  if (result === 'inactive') return `${name} is not active, cannot reload.\n`
  const see = `See "systemctl status ${name}" and "journalctl -xeu ${name}" for details.\n`
  if (result === 'start-limit-hit') return `Job for ${name} failed because start of the service was attempted too often.\n${see}To force a start use "systemctl reset-failed ${name}"\nfollowed by "systemctl start ${name}" again.\n`
  const reason = reasons[result]
  return `Job for ${name} failed${reason === undefined ? '' : ` because ${reason}`}.\n${see}`
}
