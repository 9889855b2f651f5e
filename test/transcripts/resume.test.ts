import { describe, expect, it } from 'vitest'
import { Cluster, profiles, type Settle } from '#engine/cluster/index'
import { World } from '#labs/runner/world'
import { ClockDriver } from '#app/host/driver'
import { profileImage } from '#app/host/images'
import { ClusterKeys } from '#app/host/keys'

const settle: Settle = (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs)
/** Every pod with the version it was last written at and since when it is ready. */
const pods = `kubectl get pods -A -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.resourceVersion} {.status.conditions[?(@.type=="Ready")].lastTransitionTime}{"\\n"}{end}'`

describe('a copy of a cluster', () => {
  it('goes on as if nothing had happened: no pod is written, none was ever not ready', async () => {
    const image = await profileImage('one', () => undefined)
    const cluster = new Cluster({ profile: profiles.one, seed: 'resume', startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image })
    const world = new World(cluster, settle)
    await world.run('controlplane', 'until kubectl get --raw /readyz; do sleep 0.1; done')
    await world.pass(20_000)
    const before = await world.run('controlplane', pods)
    expect(before.stdout.split('\n').length).toBeGreaterThan(6)
    const fork = cluster.fork()
    const copy = new World(fork, settle)
    await copy.pass(5000)
    const after = await copy.run('controlplane', pods)
    expect(after.stdout).toBe(before.stdout)
    fork.dispose()
    cluster.dispose()
  })

  it('lets a client wait on for what was under way', async () => {
    const image = await profileImage('one', () => undefined)
    const cluster = new Cluster({ profile: profiles.one, seed: 'under way', startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image })
    const world = new World(cluster, settle)
    await world.run('controlplane', 'until kubectl get --raw /readyz; do sleep 0.1; done')
    await world.run('controlplane', `kubectl create configmap held; kubectl patch configmap held --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'; kubectl delete configmap held --wait=false`)
    const copy = new World(cluster.fork(), settle)
    const waited = await copy.run('controlplane', 'kubectl delete configmap held --timeout=5s -v=8')
    expect(waited.stderr).toContain('timed out waiting for the condition on configmaps/held')
    expect(waited.stderr.match(/watch=true/g)).toHaveLength(1)
    copy.cluster.dispose()
    cluster.dispose()
  })
})
