import { describe, expect, it } from 'vitest'
import { Flags } from '#engine/programs/common/cobra/flags'
import { checkFlags, checkVersions, runtimeConfig } from './flag-checks'
import { flags as table } from './flags.table'

const needed = ['--etcd-servers=https://127.0.0.1:2379', '--service-account-issuer=https://kubernetes.default.svc', '--service-account-signing-key-file=/sa.key', '--authorization-mode=Node,RBAC']

function problem(...args: string[]): string {
  try {
    const flags = new Flags(table)
    flags.parse([...needed, ...args])
    checkVersions(flags, () => undefined)
    checkFlags(flags)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe("the API server's flags", () => {
  it.each([
    ['--secure-port=0', '--secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0'],
    ['--advertise-address=here', 'invalid argument "here" for "--advertise-address" flag: failed to parse IP: "here"'],
    ['--service-cluster-ip-range=10.96.0.0', 'service-cluster-ip-range[0] is not a valid cidr'],
    ['--service-node-port-range=abc', 'invalid argument "abc" for "--service-node-port-range" flag: strconv.Atoi: parsing "abc": invalid syntax'],
    ['--service-node-port-range=400-300', 'invalid argument "400-300" for "--service-node-port-range" flag: end port cannot be less than start port: 400-300'],
    ['--request-timeout=soon', 'invalid argument "soon" for "--request-timeout" flag: time: invalid duration "soon"'],
    ['--profiling=maybe', 'invalid argument "maybe" for "--profiling" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    ['--storage-backend=etcd2', "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'"],
    ['--enable-admission-plugins=PodPreset', 'enable-admission-plugins plugin "PodPreset" is unknown'],
    ['--runtime-config=nope/v1=true', 'unknown api groups nope'],
    ['--audit-log-format=xml', 'invalid audit log format xml, allowed formats are "legacy,json"'],
    ['--tls-min-version=VersionTLS9', 'unknown tls version "VersionTLS9"'],
    ['--oidc-issuer-url=https://x', '--oidc-issuer-url is not supported by this simulated server'],
    ['--feature-gates=Nope=true', 'unrecognized feature gate: Nope'],
    ['--feature-gates=NodeSwap', 'missing bool value for NodeSwap'],
    ['--feature-gates=NodeSwap=maybe', 'invalid value of NodeSwap=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax'],
    ['--feature-gates=SidecarContainers=false', 'cannot set feature gate SidecarContainers to false, feature is locked to true'],
    ['--feature-gates=HPAScaleToZero=true,AllAlpha=false', ''],
    ['--feature-gates=other:HPAScaleToZero=true', 'component not registered: other'],
    ['--emulated-version=1.34.1', 'patch version not allowed, got: kube=1.34.1'],
    ['--etcd-server=x', 'unknown flag: --etcd-server'],
  ])('refuses %s', (flag, words) => expect(problem(flag)).toBe(words))

  it('tells of several wrong values together', () => {
    expect(problem('--max-requests-inflight=-1', '--goaway-chance=1')).toBe('[--max-requests-inflight can not be negative value, --goaway-chance can not be less than 0 or greater than 0.02]')
  })

  it('knows which versions are served', () => {
    const flags = new Flags(table)
    flags.parse(['--runtime-config=batch/v1=false,api/beta=false'])
    const serves = runtimeConfig(flags)
    expect([serves('batch', 'v1'), serves('apps', 'v1'), serves('x', 'v1beta1'), serves('', 'v1')]).toEqual([false, true, false, true])
  })
})
