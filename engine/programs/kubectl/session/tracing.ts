/** `-v`: requests and answers on standard error, in klog's lines. 6 tells of answers, 7 of requests, 8 of bodies, 9 of the curl command that would ask the same. */
import { textBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import type { Clock } from '#engine/base/clock'
import { statusTexts } from '#engine/linux/net/http/wire'
import type { Transport } from '#engine/client/transport'

const features = [['ClientsAllowCBOR', false], ['ClientsPreferCBOR', false], ['InOrderInformers', true], ['InOrderInformersBatchProcess', true], ['InformerResourceVersion', true], ['WatchListClient', true]] as const

export interface Trace {
  readonly level: number
  /** Writes one line after klog's head: `round_trippers.go:632] ...`. */
  readonly say: (text: string) => Promise<void>
  readonly server: string
  readonly kubeconfig: string
}

export function traced(transport: Transport, clock: Clock, trace: Trace): Transport {
  if (trace.level < 4) return transport
  let told = false
  return {
    async request(request) {
      if (!told) await tellStart(trace)
      told = true
      if (trace.level < 6) return await transport.request(request)
      await tellRequest(trace, request)
      const started = clock.now()
      const response = await transport.request(request)
      return await tellResponse(trace, request, response, Math.round(clock.now() - started))
    },
  }
}

async function tellStart({ level, say, kubeconfig }: Trace): Promise<void> {
  if (level >= 6) await say(`loader.go:405] Config loaded from file:  ${kubeconfig}`)
  for (const [name, enabled] of features) await say(`envvar.go:172] "Feature gate default state" feature="${name}" enabled=${String(enabled)}`)
}

const titled = (name: string): string => name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())

function headerList(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).map(([name, value]): [string, string] => [titled(name), name === 'authorization' ? value.replace(/ .*/, ' <masked>') : value]).sort(([a], [b]) => (a < b ? -1 : 1))
}

async function tellRequest({ level, say, server }: Trace, request: HttpRequest): Promise<void> {
  const url = server + request.path
  if (level >= 8) await say(`helper.go:113] "Request Body" body=${await bodyText(request.method === 'GET' ? '' : await request.body.text(), level)}`)
  const headers = headerList(request.headers)
  if (level >= 9) await say(`round_trippers.go:527] "Request" curlCommand=<\n\tcurl -v -X${request.method}  ${headers.map(([name, value]) => `-H "${name}: ${value}" `).join('')}'${url}'\n >`)
  else if (level >= 7) await say(`round_trippers.go:527] "Request" verb="${request.method}" url="${url}" headers=<\n${headers.map(([name, value]) => `\t${name}: ${value}\n`).join('')} >`)
}

async function tellResponse({ level, say, server }: Trace, request: HttpRequest, response: HttpResponse, milliseconds: number): Promise<HttpResponse> {
  const about = level === 6 || level >= 9 ? `verb="${request.method}" url="${server}${request.path}" ` : ''
  const headers = level >= 8 ? ` headers=<\n${headerList(response.headers).map(([name, value]) => `\t${name}: ${value}\n`).join('')} >` : ''
  await say(`round_trippers.go:632] "Response" ${about}status="${response.status} ${statusTexts[response.status] ?? ''}"${headers} milliseconds=${milliseconds}`)
  if (level < 8 || response.body.streamed || response.body.values || response.upgraded) return response
  const text = await response.body.text()
  await say(`helper.go:113] "Response Body" body=${await bodyText(text, level)}`)
  return { ...response, body: { ...textBody(text), ...(response.body.value === undefined ? {} : { value: response.body.value }) } }
}

const longest = 10_240

/** Quoted, and from level 9 on a block of its own; at level 8 long ones are cut. */
function bodyText(text: string, level: number): Promise<string> {
  const shown = level >= 10 || text.length <= longest ? text : `${text.slice(0, longest)} [truncated ${text.length - longest} chars]`
  return Promise.resolve(level >= 9 && shown !== '' ? `<\n${shown.trimEnd().split('\n').map((line) => `\t${line}\n`).join('')} >` : JSON.stringify(shown))
}
