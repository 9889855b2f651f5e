import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { Klog } from '#engine/base/klog'
import { Errno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { KubeletFlags } from './config'
import { loadKubeletConfig } from './load'

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const flags: KubeletFlags = { config: '/c.yaml', configDirectory: '', kubeconfig: '', bootstrapKubeconfig: '', hostnameOverride: '', nodeIp: '', nodeLabels: {}, rootDirectory: '/var/lib/kubelet', certDirectory: '/var/lib/kubelet/pki', verbosity: 0, overrides: {} }

function load(text: string | undefined, overrides: Readonly<Record<string, unknown>> = {}): { config: ReturnType<typeof loadKubeletConfig>; log: string } {
  let log = ''
  const files = {
    readText: () => {
      if (text === undefined) throw new Errno('ENOENT', '/c.yaml')
      return text
    },
  } as unknown as Files
  const config = loadKubeletConfig(files, { ...flags, overrides }, new Klog(new VirtualClock(0), 1, (line) => (log += line)), { gateProblem: () => undefined })
  return { config, log }
}

describe("the kubelet's configuration", () => {
  it('takes zero durations and what is not told for the defaults', () => {
    const { config } = load(`${head}nodeStatusUpdateFrequency: 0s\nmaxPods: 50\n`)
    expect(config.nodeStatusUpdateFrequencyMs).toBe(10_000)
    expect(config.maxPods).toBe(50)
    expect(config.healthzPort).toBe(10_248)
  })

  it('lets flags win over the file', () => {
    expect(load(`${head}maxPods: 50\n`, { maxPods: 20 }).config.maxPods).toBe(20)
  })

  it('only warns of a field it does not know', () => {
    expect(load(`${head}cgroupDriverr: systemd\n`).log).toContain('"Using lenient decoding as strict decoding failed" err="strict decoding error: unknown field \\"cgroupDriverr\\""')
  })

  it('ends with the words of what is wrong', () => {
    const at = 'failed to load kubelet config file, path: /c.yaml, error: failed to load Kubelet config file /c.yaml, error '
    expect(() => load(undefined)).toThrow(`${at}failed to read kubelet config file "/c.yaml", error: open /c.yaml: no such file or directory`)
    expect(() => load(`${head}maxPods: lots\n`)).toThrow(`${at}failed to decode: json: cannot unmarshal string into Go struct field KubeletConfiguration.maxPods of type int32`)
    expect(() => load('apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfig\n')).toThrow('no kind "KubeletConfig" is registered for version "kubelet.config.k8s.io/v1beta1"')
    expect(() => load(`${head}healthzPort: 99999\n`)).toThrow('failed to validate kubelet configuration, error: invalid configuration: healthzPort (--healthz-port) 99999 must be between 1 and 65535, inclusive, path: &TypeMeta{Kind:,APIVersion:,}')
  })
})
