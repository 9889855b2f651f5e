/** Programs of the network, and the daemons of a cluster's network. */
import type { Program } from '#engine/linux/abi/program'
import { cniPrograms } from '#engine/network/cni/programs'
import { coredns } from '#engine/network/dns/program'
import { kubeProxy } from '#engine/network/kube-proxy/program'
import { curl } from './curl/curl'
import { busyboxNslookup, dig, host, nslookup } from './dns/tools'
import { ip } from './ip/ip'
import { conntrack, ipset, nft } from './iptables/extra'
import { iptablesProgram } from './iptables/iptables'
import { ip6tablesRestore, ip6tablesSave, iptablesRestore, iptablesSave } from './iptables/save-restore'
import { busyboxNc } from './sockets/busybox-nc'
import { busyboxPing } from './sockets/busybox-ping'
import { nc, netcat } from './sockets/nc'
import { ping } from './sockets/ping'
import { busyboxTelnet, telnet } from './sockets/telnet'
import { traceroute } from './sockets/traceroute'
import { arp, ifconfig, netstat, route, ss } from './sockets/ss'
import { opensslPrograms } from './openssl/index'
import { busyboxWget, wget } from './wget/wget'
import { unsupportedPrograms } from './unsupported'

export const networkPrograms: readonly Program[] = [
  ...cniPrograms, kubeProxy, coredns, ip, iptablesProgram('iptables', 4), iptablesProgram('ip6tables', 6), iptablesSave, iptablesRestore, ip6tablesSave, ip6tablesRestore, ipset, conntrack, nft,
  ss, netstat, route, ifconfig, arp, ping, busyboxPing, traceroute, nc, netcat, busyboxNc, telnet, busyboxTelnet, dig, host, nslookup, busyboxNslookup, curl, wget, busyboxWget, ...opensslPrograms, ...unsupportedPrograms,
]
