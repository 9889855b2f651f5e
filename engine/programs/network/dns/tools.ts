/** `dig`, `host`, `nslookup` (bind 9.18) and busybox's `nslookup`. */
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4 } from '#engine/linux/net/address'
import { type DnsMessage, type DnsRecord, encodeMessage, type RecordType, recordTypes } from '#engine/linux/net/dns/message'
import { askOne, candidates, readResolvConf } from '#engine/linux/net/dns/resolver'

type Asked = { readonly message: DnsMessage; readonly server: string } | { readonly failure: 'refused' | 'timeout' | 'unreachable'; readonly server: string }

async function ask(process: Process, server: string, port: number, name: string, type: RecordType, options: { timeoutMs: number; tries: number; recursion?: boolean; edns?: number }): Promise<Asked> {
  let failure: 'refused' | 'timeout' | 'unreachable' = 'timeout'
  for (let attempt = 0; attempt < options.tries; attempt++) {
    const socket = process.net.udp()
    try {
      return { server, message: await askOne(socket, { address: server, port }, process.random.integer(65536), name, type, options) }
    } catch (error) {
      if (!isErrno(error)) throw error
      failure = error.code === 'EAGAIN' ? 'timeout' : error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'
      if (failure === 'refused') return { failure, server }
    } finally {
      socket.close()
    }
  }
  return { failure, server }
}

async function addressOf(process: Process, host: string): Promise<string | undefined> {
  if (parseV4(host) !== undefined) return host
  try {
    return (await process.net.lookup(host))[0]
  } catch (error) {
    if (error instanceof LookupError) return undefined
    throw error
  }
}

function reverse(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}

interface DigQuery {
  name: string
  type: RecordType
  server: string | undefined
  port: number
  short: boolean
  search: boolean
  recurse: boolean
  edns: boolean
  timeoutMs: number
  tries: number
  sections: { cmd: boolean; comments: boolean; question: boolean; answer: boolean; authority: boolean; additional: boolean; stats: boolean }
}

/** The options that take the next word; false where it is none of them. */
function digValue(query: DigQuery, option: string, value: string | undefined): boolean {
  if (option === '-p') query.port = Number(value)
  else if (option === '-x') {
    query.name = reverse(value ?? '')
    query.type = 'PTR'
  } else if (option === '-t') query.type = (value ?? 'A').toUpperCase() as RecordType
  else if (option === '-q') query.name = value ?? ''
  else return false
  return true
}

/** Words that change nothing here. */
const ignored = /^-[46u]$/
const classes = /^(in|ch|hs)$/i

function parseDig(args: readonly string[]): DigQuery | string {
  const query: DigQuery = { name: '', type: 'A', server: undefined, port: 53, short: false, search: false, recurse: true, edns: true, timeoutMs: 5000, tries: 3, sections: { cmd: true, comments: true, question: true, answer: true, authority: true, additional: true, stats: true } }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg.startsWith('@')) query.server = arg.slice(1)
    else if (arg.startsWith('+')) {
      if (!digOption(query, arg.slice(1))) return `Invalid option: ${arg}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n            {global-d-opt} host [@local-server] {local-d-opt}\n            [ host [@local-server] {local-d-opt} [...]]\n\nUse "dig -h" (or "dig -h | more") for complete list of options\n`
    } else if (digValue(query, arg, args[index + 1])) index++
    else if (ignored.test(arg)) continue
    else if (arg.toUpperCase() in recordTypes) query.type = arg.toUpperCase() as RecordType
    else if (classes.test(arg)) continue
    else if (arg.startsWith('-')) return `Invalid option: ${arg}\n`
    else query.name = arg
  }
  if (query.name === '' && !args.some((arg) => arg === '.')) return { ...query, name: '.', type: 'NS' }
  return query
}

const toggles = new Map<string, 'short' | 'search' | 'recurse' | 'edns'>([['short', 'short'], ['search', 'search'], ['recurse', 'recurse'], ['rec', 'recurse'], ['edns', 'edns']])

function digOption(query: DigQuery, option: string): boolean {
  const [name = '', value] = option.split('=')
  const on = !name.startsWith('no')
  const bare = name.replace(/^no/, '')
  const toggle = toggles.get(bare)
  if (bare === 'all') for (const key of Object.keys(query.sections) as (keyof DigQuery['sections'])[]) query.sections[key] = on
  else if (bare in query.sections) query.sections[bare as keyof DigQuery['sections']] = on
  else if (toggle !== undefined) query[toggle] = on
  else if (bare === 'time' || bare === 'timeout') query.timeoutMs = Number(value) * 1000
  else if (bare === 'tries') query.tries = Number(value)
  else if (bare === 'retry') query.tries = Number(value) + 1
  else return /^(tcp|vc|ignore|trace|dnssec|multiline|identify|cookie|bufsize|ttlid|cl|aaonly|adflag|cdflag|ndots|domain|class|qr|rrcomments|onesoa|besteffort|fail|sigchase|yaml|unknownformat)$/.test(bare)
  return true
}

export const dig: Program = {
  name: 'dig',
  unsupported: '+trace, +tcp, +dnssec, several queries in one call',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '-v') {
      await process.stderr.write('DiG 9.18.41-1~deb12u1-Debian\n')
      return 0
    }
    const query = parseDig(args)
    if (typeof query === 'string') {
      await process.stderr.write(query)
      return 1
    }
    const conf = readResolvConf(process.files)
    const server = query.server === undefined ? conf.servers[0] : await addressOf(process, query.server)
    if (server === undefined) {
      await process.stderr.write(`dig: couldn't get address for '${query.server ?? ''}': not found\n`)
      return 1
    }
    const names = query.search ? candidates(query.name, conf) : [query.name]
    let asked: Asked | undefined
    for (const name of names) {
      asked = await ask(process, server, query.port, name, query.type, { timeoutMs: query.timeoutMs, tries: query.tries, recursion: query.recurse, ...(query.edns ? { edns: 1232 } : {}) })
      if ('failure' in asked || asked.message.code !== 'NXDOMAIN') break
    }
    return report(process, query, asked as Asked, args)
  },
}

async function report(process: Process, query: DigQuery, asked: Asked, args: readonly string[]): Promise<number> {
  const banner = query.sections.cmd && !query.short ? `\n; <<>> DiG 9.18.41-1~deb12u1-Debian <<>> ${args.join(' ')}\n${query.server === undefined ? '' : '; (1 server found)\n'};; global options: +cmd\n` : ''
  if ('failure' in asked) {
    const times = asked.failure === 'refused' ? 1 : query.tries
    const what = asked.failure === 'refused' ? 'connection refused' : asked.failure === 'timeout' ? 'timed out' : 'network unreachable'
    await process.stdout.write(`${Array.from({ length: times }, () => `;; communications error to ${asked.server}#${query.port}: ${what}\n`).join('')}${banner}${query.short ? '' : '\n'}`.replace(/\n+$/, '\n') + ';; no servers could be reached\n')
    return 9
  }
  const { message } = asked
  if (query.short) {
    await process.stdout.write(message.answers.map((record) => `${record.data}\n`).join(''))
    return 0
  }
  await process.stdout.write(banner + digText(process, query, message, asked.server))
  return 0
}

function recordLine(record: DnsRecord): string {
  const name = record.name === '' ? '.' : `${record.name}.`
  const tabs = name.length < 8 ? '\t\t\t' : name.length < 16 ? '\t\t' : name.length < 24 ? '\t' : ''
  return `${name}${tabs === '' ? '\t' : tabs}${record.ttl}\tIN\t${record.type}\t${record.data}\n`
}

function headText(message: DnsMessage): string {
  const flags = ['qr', ...(message.authoritative ? ['aa'] : []), ...(message.recursionDesired ? ['rd'] : []), ...(message.recursionAvailable ? ['ra'] : [])].join(' ')
  const head = `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${message.code}, id: ${message.id}\n;; flags: ${flags}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authority.length}, ADDITIONAL: ${message.additional.length + (message.edns ? 1 : 0)}\n`
  const warning = message.recursionDesired && !message.recursionAvailable ? ';; WARNING: recursion requested but not available\n' : ''
  const edns = message.edns ? `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${message.edns.size}\n` : ''
  return `${head}${warning}\n${edns}`
}

function questionText(question: DnsMessage['questions'][number], comments: boolean): string {
  const name = question.name === '' ? '.' : `${question.name}.`
  return `${comments ? ';; QUESTION SECTION:\n' : ''};${name}${name.length < 7 ? '\t\t\t\t' : name.length < 15 ? '\t\t\t' : name.length < 23 ? '\t\t' : '\t'}IN\t${question.type}\n${comments ? '\n' : ''}`
}

function digText(process: Process, query: DigQuery, message: DnsMessage, server: string): string {
  const { sections } = query
  let out = sections.comments ? headText(message) : ''
  const question = message.questions[0]
  if (sections.question && question) out += questionText(question, sections.comments)
  for (const [title, on, records] of [['ANSWER', sections.answer, message.answers], ['AUTHORITY', sections.authority, message.authority], ['ADDITIONAL', sections.additional, message.additional]] as const) {
    if (!on || records.length === 0) continue
    out += `${sections.comments ? `;; ${title} SECTION:\n` : ''}${records.map(recordLine).join('')}${sections.comments ? '\n' : ''}`
  }
  if (sections.stats) {
    const date = new Date(process.clock.now())
    out += `;; Query time: 0 msec\n;; SERVER: ${server}#${query.port}(${query.server ?? server}) (UDP)\n;; WHEN: ${date.toUTCString().slice(0, 3)} ${date.toUTCString().slice(8, 11)} ${String(date.getUTCDate()).padStart(2, '0')} ${date.toISOString().slice(11, 19)} UTC ${date.getUTCFullYear()}\n;; MSG SIZE  rcvd: ${encodeMessage(message).length}\n\n`
  }
  return out
}

function typesAndOperands(args: readonly string[], option: RegExp): { readonly types: RecordType[]; readonly operands: string[] } {
  const types: RecordType[] = []
  const operands: string[] = []
  for (const arg of args) {
    const match = option.exec(arg)
    if (match) types.push((match[1] ?? 'A').toUpperCase() as RecordType)
    else if (!arg.startsWith('-')) operands.push(arg)
  }
  return { types, operands }
}

export const nslookup: Program = {
  name: 'nslookup',
  unsupported: 'interactive mode',
  async run(process) {
    const { types: asked, operands } = typesAndOperands(process.argv.slice(1), /^-(?:q|query|querytype|type|ty)=(\w+)$/i)
    const type = asked.at(-1)
    const [name, server] = operands
    if (name === undefined) {
      await process.stderr.write('nslookup: interactive mode is not supported in this simulation\n')
      return 1
    }
    const conf = readResolvConf(process.files)
    const address = server === undefined ? conf.servers[0] : await addressOf(process, server)
    if (address === undefined) {
      await process.stdout.write(`nslookup: couldn't get address for '${server ?? ''}': not found\n`)
      return 1
    }
    const isAddress = parseV4(name) !== undefined
    const tried = isAddress ? [reverse(name)] : candidates(name, conf)
    const types: RecordType[] = isAddress ? ['PTR'] : type === undefined ? ['A', 'AAAA'] : [type]
    const found = await lookup(process, address, tried, types)
    if (found === undefined) {
      await process.stdout.write(`;; communications error to ${address}#53: connection refused\n;; communications error to ${address}#53: connection refused\n;; no servers could be reached\n\n`)
      return 1
    }
    return printAnswers(process, found, { name, header: `Server:\t\t${server ?? address}\nAddress:\t${address}#53\n\n`, isAddress })
  },
}

async function printAnswers(process: Process, found: readonly DnsMessage[], asked: { readonly name: string; readonly header: string; readonly isAddress: boolean }): Promise<number> {
  const { name, header, isAddress } = asked
  const last = found.at(-1)
  const records = found.flatMap((message) => message.answers)
  if (records.length === 0) {
    const failed = last?.code !== 'NOERROR'
    await process.stdout.write(isAddress && failed ? `** server can't find ${reverse(name)}: ${last?.code ?? 'SERVFAIL'}\n\n` : `${header}${failed ? `** server can't find ${name.replace(/\.$/, '')}: ${last?.code ?? 'SERVFAIL'}` : `*** Can't find ${name}: No answer`}\n\n`)
    return 1
  }
  const authoritative = last?.authoritative ?? false
  await process.stdout.write(isAddress ? `${records.map((record) => `${record.name}\tname = ${record.data}\n`).join('')}\n` : `${header}${authoritative ? '' : 'Non-authoritative answer:\n'}${records.map((record) => answerText(record, '')).join('')}\n`)
  return 0
}

/** The answers to all types for the first name that exists; undefined where no server answers. */
async function lookup(process: Process, server: string, names: readonly string[], types: readonly RecordType[]): Promise<DnsMessage[] | undefined> {
  let messages: DnsMessage[] = []
  for (const name of names) {
    messages = []
    for (const type of types) {
      const asked = await ask(process, server, 53, name, type, { timeoutMs: 5000, tries: 2 })
      if ('failure' in asked) return undefined
      messages.push(asked.message)
    }
    if (messages.some((message) => message.answers.length > 0)) return messages
  }
  return messages
}

function answerText(record: DnsRecord, dot: string): string {
  const name = `${record.name}${dot}`
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${record.data}\n`
    case 'CNAME':
      return `${name}\tcanonical name = ${record.data}\n`
    case 'MX':
      return `${name}\tmail exchanger = ${record.data}\n`
    case 'SRV':
      return `${name}\tservice = ${record.data}\n`
    case 'TXT':
      return `${name}\ttext = ${record.data}\n`
    case 'NS':
      return `${name}\tnameserver = ${record.data}\n`
    case 'PTR':
      return `${name}\tname = ${record.data}\n`
    case 'SOA': {
      const [origin = '', mail = '', serial, refresh, retry, expire, minimum] = record.data.split(' ')
      return `${name}\n\torigin = ${origin.replace(/\.$/, '')}\n\tmail addr = ${mail.replace(/\.$/, '')}\n\tserial = ${serial ?? ''}\n\trefresh = ${refresh ?? ''}\n\tretry = ${retry ?? ''}\n\texpire = ${expire ?? ''}\n\tminimum = ${minimum ?? ''}\n`
    }
    default:
      return `${name}\trdata_${record.type} = ${record.data}\n`
  }
}

/** The newer nslookup of busybox: each type on its own, with its complaints. */
export const busyboxNslookup: Program = {
  name: 'busybox-nslookup',
  async run(process) {
    const { types: given, operands } = typesAndOperands(process.argv.slice(1), /^-(?:q|query|querytype|type)=(\w+)$/i)
    const [name, server] = operands
    if (name === undefined) {
      await process.stderr.write(`BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n`)
      return 1
    }
    const conf = readResolvConf(process.files)
    const address = server === undefined ? conf.servers[0] : await addressOf(process, server)
    if (address === undefined) {
      await process.stderr.write(`nslookup: bad address '${server ?? ''}'\n`)
      return 1
    }
    const isAddress = parseV4(name) !== undefined
    const types: readonly RecordType[] = given.length > 0 ? given : isAddress ? ['PTR'] : ['A', 'AAAA']
    const asked = isAddress ? reverse(name) : name
    const tried = isAddress || name.split('.').length - 1 >= 1 ? [asked] : candidates(name, conf)
    return printEach(process, address, tried, types)
  },
}

/** Asks type by type and tells all at the end; a server that is silent ends it at once. */
async function printEach(process: Process, address: string, tried: readonly string[], types: readonly RecordType[]): Promise<number> {
  const out: string[] = [`Server:\t\t${address}\nAddress:\t${address}:53\n\n`]
  let failed = 0
  for (const type of types) {
    const outcome = await firstAnswer(process, address, tried, type)
    if ('failure' in outcome) {
      if (outcome.failure === 'refused') await process.stderr.write(`nslookup: write to '${address}': Connection refused\n`)
      await process.stdout.write(';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    if (outcome.message.code !== 'NOERROR') failed++
    out.push(outcomeText(outcome, type === 'AAAA' && types.length > 1))
  }
  await process.stdout.write(out.join(''))
  return failed > 0 ? 1 : 0
}

/** A second type without answers is passed over in silence. */
function outcomeText({ message, name }: { readonly message: DnsMessage; readonly name: string }, second: boolean): string {
  if (message.code !== 'NOERROR') return `** server can't find ${name}: ${message.code}\n\n`
  if (message.answers.length === 0) return second ? '\n' : `*** Can't find ${name}: No answer\n\n`
  return `${message.authoritative ? '' : 'Non-authoritative answer:\n'}${message.answers.map((record) => answerText({ ...record, data: record.data.replace(/\.$/, '') }, '')).join('')}\n`
}

async function firstAnswer(process: Process, server: string, names: readonly string[], type: RecordType): Promise<{ readonly message: DnsMessage; readonly name: string } | { readonly failure: string }> {
  let last: { message: DnsMessage; name: string } | undefined
  for (const name of names) {
    const asked = await ask(process, server, 53, name, type, { timeoutMs: 5000, tries: 2 })
    if ('failure' in asked) return asked
    last = { message: asked.message, name }
    if (asked.message.code === 'NOERROR') return last
  }
  return last ?? { failure: 'timeout' }
}

function noRecords(code: DnsMessage['code'] | undefined, name: string, isAddress: boolean, type: RecordType | undefined): string {
  if (code === 'NOERROR') return `${name} has no ${type ?? 'A'} record\n`
  return `Host ${isAddress ? `${reverse(name)}.` : name} not found: ${code === 'NXDOMAIN' ? '3(NXDOMAIN)' : '2(SERVFAIL)'}\n`
}

export const host: Program = {
  name: 'host',
  async run(process) {
    const args = process.argv.slice(1)
    const at = args.indexOf('-t')
    const type = at < 0 ? undefined : ((args[at + 1] ?? 'A').toUpperCase() as RecordType)
    const [name, server] = args.filter((arg, index) => !arg.startsWith('-') && (at < 0 || index !== at + 1))
    if (name === undefined) {
      await process.stderr.write('Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n')
      return 1
    }
    const conf = readResolvConf(process.files)
    const address = server === undefined ? conf.servers[0] : await addressOf(process, server)
    if (address === undefined) {
      await process.stderr.write(`host: couldn't get address for '${server ?? ''}': not found\n`)
      return 1
    }
    const isAddress = parseV4(name) !== undefined
    const found = await lookup(process, address, isAddress ? [reverse(name)] : candidates(name, conf), isAddress ? ['PTR'] : type ? [type] : ['A'])
    if (!found) {
      await process.stdout.write(';; communications error to ' + `${address}#53: connection refused\n;; no servers could be reached\n`)
      return 1
    }
    const records = found.flatMap((message) => message.answers)
    if (records.length === 0) {
      await process.stdout.write(noRecords(found.at(-1)?.code, name, isAddress, type))
      return 1
    }
    const texts: Readonly<Record<string, string>> = { A: 'has address', AAAA: 'has IPv6 address', CNAME: 'is an alias for', PTR: 'domain name pointer', SRV: 'has SRV record', MX: 'mail is handled by', TXT: 'descriptive text', NS: 'name server' }
    await process.stdout.write(`${server === undefined ? '' : `Using domain server:\nName: ${server}\nAddress: ${address}#53\nAliases: \n\n`}${records.map((record) => `${record.name} ${texts[record.type] ?? record.type} ${record.data}\n`).join('')}`)
    return 0
  },
}
