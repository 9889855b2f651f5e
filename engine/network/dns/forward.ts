/** The `forward` plugin: asks upstream servers over UDP. */
import { isErrno } from '#engine/linux/abi/errno'
import { askOne, parseResolvConf } from '#engine/linux/net/dns/resolver'
import { parseV4 } from '#engine/linux/net/address'
import type { Directive } from '#engine/network/dns/corefile'
import { type DnsAnswer, inZone, type Plugin, type Setup, type SetupContext, SetupError, setupError } from '#engine/network/dns/plugin'

interface Upstream {
  readonly address: string
  readonly port: number
}

const timeoutMs = 2000
const properties = new Set(['except', 'force_tcp', 'prefer_udp', 'expire', 'max_fails', 'tls', 'tls_servername', 'policy', 'health_check', 'max_concurrent', 'next', 'failfast_all_unhealthy_upstreams', 'failover', 'max_age', 'max_idle_conns'])

export const forward: Setup = (directive, context) => {
  if (directive.args.length < 2) throw setupError(context, 'forward', directive.line, `Wrong argument count or unexpected line ending after '${directive.args.at(-1) ?? 'forward'}'`)
  const from = zoneOf(directive.args[0] ?? '.')
  const upstreams = directive.args.slice(1).flatMap((to) => upstreamsOf(to, context))
  const except = exceptions(directive, context)
  let next = context.random.integer(upstreams.length)
  const plugin: Plugin = {
    name: 'forward',
    handle: async (query, pass) => {
      if (!inZone(query.name, from) || except.some((zone) => inZone(query.name, zone))) return pass(query)
      let failure = ''
      for (let attempt = 0; attempt < Math.min(3, upstreams.length * 2); attempt++) {
        const upstream = upstreams[next++ % upstreams.length] as Upstream
        const answer = await ask(context, upstream, query.question.name, query.question.type)
        if (typeof answer !== 'string') return answer
        failure = answer
      }
      return { code: 'SERVFAIL', authoritative: false, answers: [], authority: [], additional: [], error: failure }
    },
  }
  return plugin
}

function zoneOf(text: string): string {
  return text === '.' ? '.' : `${text.toLowerCase().replace(/\.$/, '')}.`
}

function upstreamsOf(to: string, context: SetupContext): Upstream[] {
  const bare = to.replace(/^dns:\/\//, '')
  if (/^(tls|https|grpc):/.test(to)) throw new SetupError(`plugin/forward: ${to.split(':')[0]} upstreams are not supported in this simulation`)
  const match = /^([0-9.]+)(?::(\d+))?$/.exec(bare)
  if (match && parseV4(match[1] ?? '') !== undefined) return [{ address: match[1] ?? '', port: Number(match[2] ?? 53) }]
  if (!context.process.files.exists(to)) throw new SetupError(`plugin/forward: not an IP address or file: "${to}"`)
  const servers = parseResolvConf(context.process.files.readText(to)).servers
  return servers.map((address) => ({ address, port: 53 }))
}

function exceptions(directive: Directive, context: SetupContext): string[] {
  const except: string[] = []
  for (const { words, line } of directive.block ?? []) {
    if (!properties.has(words[0] ?? '')) throw setupError(context, 'forward', line, `unknown property '${words[0] ?? ''}'`)
    if (words[0] === 'except') except.push(...words.slice(1).map(zoneOf))
    if (words[0] === 'policy' && !/^(random|round_robin|sequential)$/.test(words[1] ?? '')) throw setupError(context, 'forward', line, `unknown policy '${words[1] ?? ''}'`)
  }
  return except
}

/** The answer, or what the errors plugin shall print. */
async function ask(context: SetupContext, upstream: Upstream, name: string, type: Parameters<typeof askOne>[4]): Promise<DnsAnswer | string> {
  const socket = context.process.net.udp()
  const route = `read udp ${socket.local.address === '0.0.0.0' ? '' : socket.local.address}:${socket.local.port}->${upstream.address}:${upstream.port}`
  try {
    const message = await askOne(socket, upstream, context.random.integer(65536), name, type, { timeoutMs })
    return { code: message.code, authoritative: message.authoritative, recursionAvailable: message.recursionAvailable, answers: message.answers, authority: message.authority, additional: message.additional }
  } catch (error) {
    if (!isErrno(error)) throw error
    return error.code === 'EAGAIN' ? `${route}: i/o timeout` : error.code === 'ECONNREFUSED' ? `${route}: read: connection refused` : `dial udp ${upstream.address}:${upstream.port}: connect: ${error.message.toLowerCase()}`
  } finally {
    socket.close()
  }
}
