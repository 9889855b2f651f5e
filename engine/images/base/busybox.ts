/** The root of the busybox image, and Alpine's, which stands on the same applets. */
import type { ImageFiles, ImageLayer } from '#engine/cri/images/definition'
import { aliased, commands, commonDirectories, directory, link, program, text } from '#engine/images/base/files'

/** Applets that are the same commands the machines have; they name themselves as busybox does by the attribute. */
const shared: readonly string[] = [
  '[', 'arch', 'awk', 'base32', 'base64', 'basename', 'cat', 'chgrp', 'chmod', 'chown', 'chroot', 'cksum', 'clear', 'cmp', 'comm', 'cp', 'cut', 'date', 'dd', 'df', 'diff', 'dirname', 'dmesg', 'du', 'echo', 'egrep', 'env', 'expand', 'expr', 'factor', 'false', 'fgrep', 'find', 'fold', 'free', 'getopt', 'grep', 'groups', 'gunzip',
  'gzip', 'head', 'hostid', 'hostname', 'id', 'install', 'kill', 'killall', 'less', 'link', 'ln', 'logname', 'ls', 'lsof', 'md5sum', 'mkdir', 'mkfifo', 'mknod', 'mktemp', 'more', 'mount', 'mountpoint', 'mv', 'nice', 'nl', 'nohup', 'nproc', 'nsenter', 'od', 'paste', 'pgrep', 'pidof', 'pkill', 'printenv', 'printf', 'pwd', 'readlink',
  'realpath', 'renice', 'reset', 'rev', 'rm', 'rmdir', 'sed', 'seq', 'setsid', 'sh', 'sha1sum', 'sha256sum', 'sha512sum', 'shred', 'shuf', 'sleep', 'sort', 'split', 'stat', 'stty', 'su', 'sum', 'sync', 'sysctl', 'tac', 'tail', 'tar', 'tee', 'test', 'time', 'timeout', 'top', 'touch', 'tr', 'true', 'truncate', 'tty', 'umount', 'uname', 'unexpand', 'uniq', 'unlink',
  'unshare', 'unzip', 'uptime', 'usleep', 'vi', 'watch', 'wc', 'which', 'who', 'whoami', 'xargs', 'xxd', 'yes', 'zcat',
]

/** Applets whose behaviour is busybox's own. */
const own: Readonly<Record<string, string>> = {
  ash: 'sh', busybox: 'busybox', arp: 'arp', arping: 'busybox-unsupported', bc: 'bc', httpd: 'busybox-httpd', ifconfig: 'ifconfig', ip: 'ip', nc: 'busybox-nc', netstat: 'netstat', nslookup: 'busybox-nslookup', ping: 'busybox-ping', ping6: 'busybox-ping', ps: 'busybox-ps', route: 'route', telnet: 'busybox-telnet', traceroute: 'traceroute', wget: 'busybox-wget',
}

/** Busybox, by version; the version shows in usage texts. */
export function busyboxApplets(below: string, version: string): ImageFiles {
  return { ...commands(below, shared, { flavor: 'busybox', version }), ...aliased(below, own, { flavor: 'busybox', version }) }
}

const busyboxEtc: ImageFiles = {
  '/etc/passwd': text('root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nsync:x:4:100:sync:/bin:/bin/sync\nmail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\noperator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
  '/etc/group': text('root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nlp:x:7:\nmail:x:8:\nkmem:x:9:\nwheel:x:10:root\ncdrom:x:11:\ndialout:x:18:\nfloppy:x:19:\nvideo:x:28:\naudio:x:29:\ntape:x:32:\nwww-data:x:33:\noperator:x:37:\nutmp:x:43:\nplugdev:x:46:\nstaff:x:50:\nlock:x:54:\nnetdev:x:82:\nusers:x:100:\nnobody:x:65534:\n'),
  '/etc/shadow': text('root:*::0:::::\n', 0o600), '/etc/localtime': text('UTC\n'),
}

const layers = new Map<string, ImageLayer>()

export function busyboxLayer(version: string): ImageLayer {
  let layer = layers.get(version)
  if (!layer) {
    layer = {
      files: { ...commonDirectories, ...busyboxApplets('/bin', version), ...busyboxEtc, '/usr/bin/env': program('env', { flavor: 'busybox', version }), '/var/spool/mail': directory(), '/usr/sbin': directory() },
      sizeBytes: 2_211_654, createdBy: 'BusyBox (glibc), Debian 12',
    }
    layers.set(version, layer)
  }
  return layer
}

export const alpineReleases: Readonly<Record<string, string>> = { '3.18': '3.18.12', '3.19': '3.19.8', '3.20': '3.20.7', '3.21': '3.21.4', '3.22': '3.22.1' }
const alpineLayers = new Map<string, ImageLayer>()

export function alpineLayer(series: string): ImageLayer {
  let layer = alpineLayers.get(series)
  if (!layer) {
    const release = alpineReleases[series] ?? series
    layer = {
      files: {
        ...commonDirectories, ...busyboxApplets('/bin', '1.37.0'), '/usr/bin/env': program('env', { flavor: 'busybox', version: '1.37.0' }), '/sbin/apk': program('apk'), '/usr/bin/getent': program('getent'), '/usr/sbin': directory(),
        '/etc/passwd': text('root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nguest:x:405:100:guest:/dev/null:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n'),
        '/etc/group': text('root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nsys:x:3:root,bin\nwheel:x:10:root\nusers:x:100:games\nnogroup:x:65533:\nnobody:x:65534:\n'),
        '/etc/shadow': text('root:*::0:::::\n', 0o640), '/etc/alpine-release': text(`${release}\n`), '/etc/hosts': text('127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n'),
        '/etc/os-release': link('../usr/lib/os-release'), '/etc/issue': text(`Welcome to Alpine Linux ${series}\nKernel \\r on \\m (\\l)\n\n`),
        '/usr/lib/os-release': text(`NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${release}\nPRETTY_NAME="Alpine Linux v${series}"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n`),
      },
      sizeBytes: 3_641_914, createdBy: 'ADD alpine-minirootfs.tar.gz / # buildkit',
    }
    alpineLayers.set(series, layer)
  }
  return layer
}
