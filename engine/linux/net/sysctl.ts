/** Settings below net. of a fresh namespace, as Debian 12 has them. */
export const sysctlDefaults: readonly (readonly [string, string])[] = [
  ['bridge.bridge-nf-call-arptables', '1'],
  ['bridge.bridge-nf-call-ip6tables', '1'],
  ['bridge.bridge-nf-call-iptables', '1'],
  ['core.rmem_max', '212992'],
  ['core.somaxconn', '4096'],
  ['core.wmem_max', '212992'],
  ['ipv4.icmp_echo_ignore_all', '0'],
  ['ipv4.ip_forward', '0'],
  ['ipv4.ip_local_port_range', '32768\t60999'],
  ['ipv4.ip_nonlocal_bind', '0'],
  ['ipv4.ip_unprivileged_port_start', '1024'],
  ['ipv4.ping_group_range', '0\t2147483647'],
  ['ipv4.tcp_fin_timeout', '60'],
  ['ipv4.tcp_keepalive_time', '7200'],
  ['ipv4.tcp_max_syn_backlog', '512'],
  ['ipv4.tcp_syncookies', '1'],
  ['ipv4.tcp_tw_reuse', '2'],
  ['ipv4.vs.conntrack', '0'],
  ['ipv6.conf.all.disable_ipv6', '0'],
  ['ipv6.conf.all.forwarding', '0'],
  ['ipv6.conf.default.disable_ipv6', '0'],
  ['netfilter.nf_conntrack_max', '131072'],
  ['netfilter.nf_conntrack_tcp_timeout_close_wait', '60'],
  ['netfilter.nf_conntrack_tcp_timeout_established', '432000'],
]

/** Per interface, below ipv4.conf.NAME. */
export const deviceSysctls: Readonly<Record<string, string>> = {
  accept_local: '0', accept_redirects: '1', accept_source_route: '0', arp_announce: '0', arp_ignore: '0', forwarding: '0', log_martians: '0', proxy_arp: '0', route_localnet: '0', rp_filter: '0', send_redirects: '1',
}
