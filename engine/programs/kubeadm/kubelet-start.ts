/** Starting the kubelet and waiting for what it must bring up. */
import { decodeUtf8 } from '#engine/base/bytes'
import { emptyBody } from '#engine/base/http'
import { KubeadmError, type Session } from './session'
import type { ControlPlane } from './control-plane'

export async function startKubelet(session: Session): Promise<void> {
  await session.say('[kubelet-start] Starting the kubelet')
  await session.run('systemctl', 'daemon-reload')
  await session.run('systemctl', 'restart', 'kubelet')
}

export async function stopKubelet(session: Session): Promise<void> {
  await session.run('systemctl', 'stop', 'kubelet')
}

export async function waitKubelet(session: Session, timeout: string, limitMs: number): Promise<void> {
  const url = 'http://127.0.0.1:10248/healthz'
  await session.say(`[kubelet-check] Waiting for a healthy kubelet at ${url}. This can take up to ${timeout}`)
  const started = session.process.clock.now()
  const healthy = await session.waitFor(limitMs, 500, () => isOk(session, 10248, '/healthz', false))
  if (!healthy) {
    await session.say(`[kubelet-check] The kubelet is not healthy after ${timeout}\n`)
    await session.say('Unfortunately, an error has occurred, likely caused by:\n\t- The kubelet is not running\n\t- The kubelet is unhealthy due to a misconfiguration of the node in some way (required cgroups disabled)\n')
    await session.say("If you are on a systemd-powered system, you can try to troubleshoot the error with the following commands:\n\t- 'systemctl status kubelet'\n\t- 'journalctl -xeu kubelet'\n")
    throw new KubeadmError(`failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL ${url}' returned error: Get "${url}": dial tcp 127.0.0.1:10248: connect: connection refused`)
  }
  await session.say(`[kubelet-check] The kubelet is healthy after ${elapsed(session.process.clock.now() - started)}`)
}

/** Waits for API server, controller manager and scheduler, each by its own health endpoint. */
export async function waitControlPlane(session: Session, plane: ControlPlane, timeout: string, limitMs: number): Promise<void> {
  const checks = [
    { name: 'kube-apiserver', address: plane.advertiseAddress, port: plane.bindPort, path: '/livez' },
    { name: 'kube-controller-manager', address: '127.0.0.1', port: 10257, path: '/healthz' },
    { name: 'kube-scheduler', address: '127.0.0.1', port: 10259, path: '/livez' },
  ]
  await session.say(`[control-plane-check] Waiting for healthy control plane components. This can take up to ${timeout}`)
  for (const check of checks) await session.say(`[control-plane-check] Checking ${check.name} at https://${check.address}:${check.port}${check.path}`)
  const started = session.process.clock.now()
  const waiting = new Set(checks)
  await session.waitFor(limitMs, 500, async () => {
    for (const check of [...waiting]) {
      if (!(await isOk(session, check.port, check.path, true, check.address))) continue
      waiting.delete(check)
      await session.say(`[control-plane-check] ${check.name} is healthy after ${elapsed(session.process.clock.now() - started)}`)
    }
    return waiting.size === 0
  })
  if (waiting.size === 0) return
  for (const check of waiting) await session.say(`[control-plane-check] ${check.name} is not healthy after ${timeout}`)
  await session.say('\nA control plane component may have crashed or exited when started by the container runtime.\nTo troubleshoot, list all containers using your preferred container runtimes CLI.\nHere is one example how you may list all running Kubernetes containers by using crictl:')
  await session.say("\t- 'crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps -a | grep kube | grep -v pause'\n\tOnce you have found the failing container, you can inspect its logs with:\n\t- 'crictl --runtime-endpoint unix:///run/containerd/containerd.sock logs CONTAINERID'\n")
  const failed = [...waiting].map((check) => `${check.name} check failed at https://${check.address}:${check.port}${check.path}`)
  throw new KubeadmError(`failed while waiting for the control plane to start: ${failed.length > 1 ? `[${failed.join(', ')}]` : (failed[0] ?? '')}`)
}

async function isOk(session: Session, port: number, path: string, tls: boolean, host = '127.0.0.1'): Promise<boolean> {
  try {
    const response = await session.process.net.request({ host, port }, { method: 'GET', path, headers: {}, body: emptyBody }, { timeoutMs: 5000, ...(tls ? { tls: { insecureSkipVerify: true } } : {}) })
    return response.status === 200 && decodeUtf8(await response.body.bytes()).startsWith('ok')
  } catch (error) {
    if (error instanceof Error && error.name === 'ProcessKilled') throw error
    return false
  }
}

function elapsed(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(6)}ms` : `${(ms / 1000).toFixed(9)}s`
}
