/** The `template` plugin, as far as lessons use it: a match, answers with `{{ .Name }}` and groups, a response code. */
import { RE2JS } from 're2js'
import type { DnsRecord, RecordType, ResponseCode } from '#engine/linux/net/dns/message'
import { responseCodes } from '#engine/linux/net/dns/message'
import { type DnsQuery, inZone, type Setup, setupError } from '#engine/network/dns/plugin'

export const template: Setup = (directive, context) => {
  const [, type = 'ANY', ...zones] = directive.args
  const served = (zones.length > 0 ? zones : context.zones).map((zone) => (zone === '.' ? '.' : `${zone.toLowerCase().replace(/\.$/, '')}.`))
  const lines = directive.block ?? []
  const values = (name: string): string[] => lines.filter((line) => line.words[0] === name).map((line) => line.words.slice(1).join(' '))
  const bad = lines.find((line) => !/^(match|answer|additional|authority|rcode|fallthrough|ederror|upstream)$/.test(line.words[0] ?? ''))
  if (bad) throw setupError(context, 'template', bad.line, `Wrong argument count or unexpected line ending after '${bad.words[0] ?? ''}'`)
  const patterns = (values('match').length > 0 ? values('match') : ['.*']).map((pattern) => RE2JS.compile(pattern))
  const code = (values('rcode')[0]?.toUpperCase() ?? 'NOERROR') as ResponseCode
  if (!responseCodes.includes(code)) throw setupError(context, 'template', directive.line, `unknown rcode ${code}`)
  return {
    name: 'template',
    handle: (query, next) => {
      if (!served.some((zone) => inZone(query.name, zone)) || (type !== 'ANY' && type !== query.question.type)) return next(query)
      for (const pattern of patterns) {
        const matcher = pattern.matcher(query.name)
        if (!matcher.find()) continue
        const fill = (text: string): string => text.replace(/\{\{\s*\.Name\s*\}\}/g, query.name).replace(/\{\{\s*(?:index\s+\.Match\s+(\d+)|\.Group\.(\w+))\s*\}\}/g, (_, index: string | undefined, name: string | undefined) => (index === undefined ? (matcher.group(name ?? '') ?? '') : (matcher.group(Number(index)) ?? '')))
        return Promise.resolve({ code, authoritative: true, answers: values('answer').map((text) => record(fill(text), query)), authority: values('authority').map((text) => record(fill(text), query)), additional: [] })
      }
      return next(query)
    },
  }
}

function record(text: string, query: DnsQuery): DnsRecord {
  const [name = '', ttl, , type = 'A', ...data] = text.split(/\s+/)
  return { name: name.replace(/\.$/, '') || query.question.name, ttl: Number(ttl), type: type as RecordType, data: data.join(' ') }
}
