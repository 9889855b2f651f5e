/** What every kubectl must be able to do. */
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Kubectl, waitFor } from './kubectl'

export interface Step {
  readonly name: string
  readonly run: (kubectl: Kubectl) => Promise<void> | void
}

const request = `-----BEGIN CERTIFICATE REQUEST-----
MIICYzCCAUsCAQAwHjENMAsGA1UEAwwEamFuZTENMAsGA1UECgwEZGV2czCCASIw
DQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALpWO8I53QoDpe6tQu+9BE0h6JaI
rQlgqCd5CMofNGFPngyRNrAeTGCqhuy9/6zChDIQeFHdYDqkaUEHMWDb//LFlME9
5EWmY9KJhTqXrOvinLAzCoBx4hmBozAEYk4uwefw2SFIzxzufuJe1hM40KcgPdOa
8y3cromyVODjtNZkZDZxeDmkIvD45qefXOVtyVrjga86KVNJiE5S8onsTT0UFtHu
OTVJidi/kKpJUXlV/k1MkcP9l2CSwGB0ZMwK6vTUou+zr19WToGiGISlL0M/Qnp2
tZmqTXK3uU8cEN9Tm+RzQBpHkgXeMyrZCaTdYeYvoTBUH4Xro/QpZQp05gUCAwEA
AaAAMA0GCSqGSIb3DQEBCwUAA4IBAQBIFH4rqhizQx67gywvga4SwsnjxNDRPhQ0
toVFPCNbOpDdiN8Dl/H3GpDgxtxMmIKwLmvKKYPmvl2XOT8lrVOsXW0gCluOIZe1
3v7xMogfvQ3zNNIzyiadmOYe+4AjWMPmlSCKXeXc4qJNTLD0oy4TpCzimerfem94
vd4c+RIuXZEFLa1XXC5vjY/RCN2LTAoVSB9tCV1agUbG0tFBGVSSNJsNaGjsIA+X
bANtAAX+NT2fKsw4ojE9F9N0fxdRyrw3QPlsSFKqwCy6vrGMhZeH437Nm9HHJJKS
UWUpoT64EWix1aoBVdp1hA2vte9NyC1U+qAgcRiJcw70ZHxo576W
-----END CERTIFICATE REQUEST-----
`

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]
`

const box = `apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: "busybox:1.36", command: [sh, -c, "i=0; while true; do echo line $i; i=$((i+1)); sleep 1; done"]}
`

const signing = (name: string): string => `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ${name}}
spec:
  request: ${Buffer.from(request).toString('base64')}
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
`

export const steps: readonly Step[] = [
  {
    name: 'creates objects from files and flags',
    run(k) {
      expect(k.ok(['create', '-f', k.write('box.yaml', box)])).toContain('pod/box created')
      expect(k.ok(['create', 'configmap', 'settings', '--from-literal=color=blue'])).toContain('configmap/settings created')
      expect(k.ok(['create', 'deployment', 'made', '--image=nginx:1.27', '--replicas=1'])).toContain('deployment.apps/made created')
      expect(k.ok(['create', 'role', 'reader', '--verb=get', '--resource=pods'])).toContain('role.rbac.authorization.k8s.io/reader created')
      expect(k.ok(['create', 'job', 'once', '--image=busybox:1.36', '--', 'true'])).toContain('job.batch/once created')
      expect(k.run(['create', '-f', k.write('bad.yaml', web.replace('replicas: 1', 'replica: 1'))]).out).toContain('unknown field')
    },
  },
  {
    name: 'waits for conditions',
    run(k) {
      expect(k.ok(['wait', '--for=condition=Ready', 'pod/box', '--timeout=60s'])).toContain('pod/box condition met')
      expect(k.ok(['wait', '--for=condition=Complete', 'job/once', '--timeout=60s'])).toContain('job.batch/once condition met')
      expect(k.run(['wait', '--for=condition=Nope', 'pod/box', '--timeout=1s']).out).toContain('timed out waiting for the condition')
    },
  },
  {
    name: 'applies in the client and in the server',
    run(k) {
      const file = k.write('web.yaml', web)
      expect(k.ok(['apply', '-f', file])).toContain('deployment.apps/web created')
      expect(k.ok(['apply', '-f', file])).toContain('deployment.apps/web unchanged')
      k.write('web.yaml', web.replace('replicas: 1', 'replicas: 2'))
      expect(k.ok(['apply', '-f', file])).toContain('deployment.apps/web configured')
      expect(k.ok(['apply', '--server-side', '--force-conflicts', '-f', file])).toContain('deployment.apps/web serverside-applied')
      expect(k.ok(['rollout', 'status', 'deployment/web', '--timeout=60s'])).toContain('successfully rolled out')
    },
  },
  {
    name: 'shows differences',
    run(k) {
      const file = k.write('web2.yaml', web.replace('nginx:1.27', 'nginx:1.28').replace('replicas: 1', 'replicas: 2'))
      const changed = k.run(['diff', '-f', file])
      expect(changed.out).toMatch(/-.*nginx:1\.27[\s\S]*\+.*nginx:1\.28/)
      expect(changed.code).toBe(1)
      expect(k.run(['diff', '-f', 'web.yaml']).code).toBe(0)
    },
  },
  {
    name: 'explains fields',
    run(k) {
      expect(k.ok(['explain', 'pod.spec.containers.livenessProbe'])).toMatch(/KIND:\s+Pod[\s\S]*periodSeconds/)
      expect(k.ok(['explain', 'deployment', '--recursive'])).toContain('revisionHistoryLimit')
    },
  },
  {
    name: 'watches',
    async run(k) {
      const watching = k.start(['get', 'configmaps', '-w'])
      await watching.until(/settings/)
      k.ok(['create', 'configmap', 'late', '--from-literal=a=1'])
      await watching.until(/late\s+1/)
      watching.end()
    },
  },
  {
    name: 'edits',
    run(k) {
      expect(k.ok(['edit', 'configmap', 'settings'], { env: { EDITOR: 'sed -i s/blue/green/' } })).toContain('configmap/settings edited')
      expect(k.ok(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.color}'])).toBe('green')
      expect(k.run(['edit', 'configmap', 'settings'], { env: { EDITOR: 'true' } }).out).toContain('no changes made')
    },
  },
  {
    name: 'follows logs',
    async run(k) {
      const following = k.start(['logs', '-f', 'box'])
      const first = await following.until(/line \d+\n/)
      const last = Number(/line (\d+)\n$/.exec(first)?.[1] ?? '0')
      await following.until(new RegExp(`line ${last + 2}\n`))
      following.end()
    },
  },
  {
    name: 'runs commands, with and without a terminal',
    async run(k) {
      expect(k.ok(['exec', 'box', '--', 'echo', 'hello'])).toBe('hello\n')
      expect(k.ok(['exec', '-i', 'box', '--', 'cat'], { input: 'through\n' })).toBe('through\n')
      expect(k.run(['exec', 'box', '--', 'sh', '-c', 'exit 7']).code).toBe(7)
      const inside = await k.inTerminal(['exec', '-it', 'box', '--', 'sh'], 'tty; exit 5\r')
      expect(inside.out).toMatch(/\/dev\/pts\/\d/)
      expect(inside.code).toBe(5)
    },
  },
  {
    name: 'copies files',
    run(k) {
      k.write('here.txt', 'content\n')
      k.ok(['cp', 'here.txt', 'box:/tmp/there.txt'])
      expect(k.ok(['exec', 'box', '--', 'cat', '/tmp/there.txt'])).toBe('content\n')
      k.ok(['cp', 'box:/tmp/there.txt', 'back.txt'])
      expect(readFileSync(join(k.folder, 'back.txt'), 'utf8')).toBe('content\n')
    },
  },
  {
    name: 'forwards ports',
    async run(k) {
      const forwarding = k.start(['port-forward', 'deployment/web', ':80'])
      const port = /127\.0\.0\.1:(\d+) -> 80/.exec(await forwarding.until(/127\.0\.0\.1:\d+ -> 80/))?.[1] ?? ''
      const response = await fetch(`http://127.0.0.1:${port}/`)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('nginx')
      await forwarding.until(/Handling connection/)
      forwarding.end()
    },
  },
  {
    name: 'tells what one may do',
    run(k) {
      expect(k.ok(['auth', 'can-i', '--list'])).toMatch(/Resources\s+Non-Resource URLs\s+Resource Names\s+Verbs/)
      expect(k.run(['auth', 'can-i', 'delete', 'pods', '--as=nobody'])).toEqual({ out: 'no\n', code: 1 })
    },
  },
  {
    name: 'approves certificates',
    async run(k) {
      k.ok(['create', '-f', k.write('csr.yaml', signing(k.namespace))])
      expect(k.ok(['certificate', 'approve', k.namespace])).toContain(`certificatesigningrequest.certificates.k8s.io/${k.namespace} approved`)
      await waitFor(() => (k.ok(['get', 'csr', k.namespace, '-o', 'jsonpath={.status.certificate}']) === '' ? undefined : true), () => 'no certificate was issued')
    },
  },
  {
    name: 'debugs',
    async run(k) {
      k.ok(['debug', 'box', '--image=busybox:1.36', '-c', 'helper', '--profile=general', '--', 'sleep', '60'])
      await waitFor(() => (k.run(['exec', 'box', '-c', 'helper', '--', 'echo', 'in']).out === 'in\n' ? true : undefined), () => 'the debug container did not start')
    },
  },
  {
    name: 'drains a node',
    run(k) {
      const drained = k.run(['drain', 'node02', '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--grace-period=1', '--timeout=60s'])
      expect(drained.out).toMatch(/node\/node02 (?:drained|evicted)/)
      expect(drained.code).toBe(0)
      expect(k.ok(['uncordon', 'node02'])).toContain('node/node02 uncordoned')
    },
  },
]
