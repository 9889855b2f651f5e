/** Where executables lie and how large they look. Sizes are those of Debian 12's packages where somebody may notice. */
const systemTools = new Set([
  'init', 'telinit', 'shutdown', 'reboot', 'poweroff', 'halt', 'useradd', 'userdel', 'usermod', 'groupadd', 'groupdel', 'groupmod', 'chpasswd', 'nologin', 'visudo', 'adduser', 'deluser', 'addgroup',
  'sshd', 'iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore', 'iptables-nft', 'iptables-legacy', 'nft', 'ipset', 'ipvsadm', 'conntrack', 'bridge', 'ifconfig', 'route', 'arp',
  'sysctl', 'modprobe', 'insmod', 'rmmod', 'lsmod', 'depmod', 'modinfo', 'swapon', 'swapoff', 'mkswap', 'chroot', 'losetup', 'blkid', 'mkfs', 'mkfs.ext4', 'fsck', 'ethtool', 'tcpdump', 'cron', 'agetty',
  'apparmor_parser', 'aa-status', 'aa-enforce', 'aa-complain', 'aa-teardown', 'getcap', 'setcap', 'logrotate', 'update-ca-certificates', 'ldconfig', 'runuser', 'traceroute', 'start-stop-daemon',
])

const sizes: Readonly<Record<string, number>> = {
  bash: 1265648, dash: 125640, ls: 151344, cat: 44016, cp: 150000, mv: 142144, rm: 72752, grep: 203152, sed: 126424, tar: 531984, find: 224848, ps: 141576, systemctl: 1268568, journalctl: 80728,
  vim: 3671072, nano: 283144, curl: 260328, wget: 523040, openssl: 979456, ssh: 1082840, sshd: 1118992, ip: 706672, jq: 31000, iptables: 228568, gpg: 1181368,
  kubectl: 58597528, kubeadm: 72806584, kubelet: 58102052, crictl: 40076447, containerd: 46174112, 'containerd-shim-runc-v2': 8241336, ctr: 23920968, runc: 11869856, nerdctl: 26542232, etcdctl: 17109144, etcdutl: 16580792, helm: 59080888,
  'cni-bandwidth': 2634240, 'cni-bridge': 2943104, 'cni-dhcp': 7256344, 'cni-firewall': 3041088, 'cni-host-device': 2626176, 'cni-host-local': 2223840, 'cni-ipvlan': 2724384, 'cni-loopback': 2274880, 'cni-macvlan': 2748960,
  'cni-portmap': 2563712, 'cni-ptp': 2848576, 'cni-sbr': 2418400, 'cni-static': 1990272, 'cni-tuning': 2332224, 'cni-vlan': 2724384, 'cni-vrf': 2446912,
}

export function isSystemTool(program: string): boolean {
  return systemTools.has(program)
}

/** Bytes; a plain tool's where nothing better is known. */
export function sizeOf(program: string): number {
  return sizes[program] ?? 43880
}
