/** Small steps on netfilter tables, as the agents of this layer take them. */
export { Iptables, rule } from '#engine/linux/net/netfilter/editor'
