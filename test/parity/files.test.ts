import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Facts, factsFolder } from './facts'
import { fileFacts, type FileFact } from './files'
import { FreshCluster } from './fresh'

const folder = factsFolder()
const roots = '/etc/kubernetes /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env /var/lib/kubelet/pki /etc/cni /opt/cni /etc/containerd /usr/lib/systemd/system/kubelet.service /usr/lib/systemd/system/kubelet.service.d /etc/systemd/system/containerd.service /var/log/pods /var/log/containers /var/lib/etcd /var/lib/containerd'

/** What stays different, and why. */
const accepted: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /^\/var\/lib\/containerd\//, why: 'containerd keeps its state in databases of its own' },
  { path: /^\/var\/lib\/etcd($|\/)/, why: 'the directory was there before kubeadm on the recorded machines; the write-ahead log is not preallocated' },
  { path: /^\/etc\/kubernetes\/manifests$/, why: 'the package makes it on workers too' },
]
/** Files whose size is their content's, apart from keys, addresses and serial numbers: within so many bytes. */
const sized: readonly { readonly path: RegExp; readonly within: number }[] = [
  { path: /^\/etc\/kubernetes\/manifests\/.*\.yaml$/, within: 0 },
  { path: /^\/etc\/kubernetes\/pki\/.*\.(crt|pub)$/, within: 8 },
  { path: /^\/etc\/kubernetes\/pki\/.*\.key$/, within: 8 },
  { path: /^\/etc\/kubernetes\/.*\.conf$/, within: 40 },
  { path: /^\/var\/lib\/kubelet\/(config\.yaml|kubeadm-flags\.env)$/, within: 24 },
  { path: /^\/usr\/lib\/systemd\/|^\/etc\/systemd\//, within: 0 },
  { path: /^\/opt\/cni\/bin\/[a-z-]+$/, within: 0 },
]

if (!folder) process.stderr.write('\n*** SKIPPED: files of a real node. No recording was found beside the checkout (a folder with parity/cluster/), and SEATRIAL_FACTS names none. ***\n\n')

describe.skipIf(!folder)('the files of a fresh node', () => {
  const facts = new Facts(folder ?? '')
  let fresh: FreshCluster

  beforeAll(async () => {
    fresh = await FreshCluster.boot('two')
  }, 60_000)

  afterAll(() => fresh.dispose())

  for (const host of ['controlplane', 'node01'])
    it(`have the modes, owners and sizes of a real one's: ${host}`, async () => {
      const real = fileFacts(facts.text(`files-${host}.txt`))
      const find = `find ${roots} -printf '%M %u %g %10s %p %l\\n' 2>/dev/null`
      const own = fileFacts(await fresh.run(find, host))
      const wanted = [...real.values()].filter((fact) => !accepted.some(({ path }) => path.test(fact.path)))
      expect(wanted.flatMap((fact) => difference(fact, own.get(fact.path)))).toEqual([])
    })

  it("among them the kubelet's configuration, which it tells as a real one", async () => {
    const told = (text: string): unknown => ({ ...(JSON.parse(text) as { kubeletconfig: object }).kubeletconfig, failCgroupV1: 'set by hand on the recorded machines' })
    expect(told(await fresh.run('kubectl get --raw /api/v1/nodes/node01/proxy/configz'))).toEqual(told(facts.text('kubelet-configz.json')))
  })
})

function difference(real: FileFact, own: FileFact | undefined): string[] {
  if (!own) return [`${real.path}: is missing`]
  const rule = sized.find(({ path }) => path.test(real.path))
  return [
    ...(real.access === own.access ? [] : [`${real.path}: ${own.access}, not ${real.access}`]),
    ...(rule && Math.abs(real.size - own.size) > rule.within ? [`${real.path}: ${own.size} bytes, not ${real.size}`] : []),
  ]
}
