/** /sys: a small tree of facts, written once at boot. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { TreeFileSystem } from '#engine/linux/fs/cow/tree'
import type { Kernel } from '#engine/linux/kernel/kernel'

export function populateSys(tree: TreeFileSystem, kernel: Kernel): void {
  const directory = (path: string): number => {
    let at = tree.root
    for (const name of path.split('/').filter(Boolean)) at = tree.lookup(at, name) || tree.create(at, name, { type: 'directory', mode: 0o755, uid: 0, gid: 0 })
    return at
  }
  const file = (path: string, text: string): void => {
    const slash = path.lastIndexOf('/')
    const ino = tree.create(directory(path.slice(0, slash)), path.slice(slash + 1), { type: 'file', mode: 0o444, uid: 0, gid: 0 })
    tree.setContent(ino, encodeUtf8(`${text}\n`))
  }
  for (const path of ['block', 'bus', 'class/net', 'dev', 'devices/system/cpu', 'firmware', 'fs/bpf', 'fs/cgroup', 'kernel/debug', 'kernel/tracing', 'kernel/security', 'kernel/config', 'module', 'power']) directory(path)
  const last = kernel.options.processors - 1
  for (const name of ['online', 'possible', 'present']) file(`devices/system/cpu/${name}`, last === 0 ? '0' : `0-${last}`)
  for (let index = 0; index <= last; index++) file(`devices/system/cpu/cpu${index}/online`, '1')
  file('devices/system/node/node0/cpulist', last === 0 ? '0' : `0-${last}`)
  file('devices/system/node/online', '0')
  file('class/dmi/id/product_uuid', kernel.options.machineUuid)
  file('class/dmi/id/product_name', 'Standard PC (Q35 + ICH9, 2009)')
  file('class/dmi/id/sys_vendor', 'QEMU')
  file('class/dmi/id/bios_vendor', 'SeaBIOS')
  file('block/vda/size', '41943040')
  file('block/vda/queue/rotational', '0')
  file('kernel/mm/transparent_hugepage/enabled', 'always [madvise] never')
  file('kernel/security/lsm', 'lockdown,capability,landlock,yama,apparmor')
  file('module/apparmor/parameters/enabled', 'Y')
  file('module/br_netfilter/refcnt', '0')
  file('module/overlay/refcnt', '0')
}
