/** Files of a directory over HTTP. */
import { bytesBody, type HttpResponse } from '#engine/base/http'
import type { Process } from '#engine/linux/abi/process'

const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', json: 'application/json', svg: 'image/svg+xml', png: 'image/png' }

export function fileAt(process: Process, directory: string, path: string): HttpResponse {
  const parts = decodeURIComponent(path.split('?')[0] as string).split('/').filter((part) => part !== '' && part !== '.')
  const full = [directory, ...parts].join('/')
  const stat = parts.includes('..') ? undefined : process.files.exists(full)
  if (stat?.type === 'file') return ok(types[full.slice(full.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8', process.files.readFile(full))
  if (stat?.type === 'directory') return ok('text/html; charset=utf-8', new TextEncoder().encode(listing(process, full)))
  return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: bytesBody(new TextEncoder().encode('404 page not found\n')) }
}

function ok(type: string, bytes: Uint8Array): HttpResponse {
  return { status: 200, headers: { 'content-type': type, 'content-length': String(bytes.length) }, body: bytesBody(bytes) }
}

function listing(process: Process, directory: string): string {
  const names = process.files.readDirectory(directory).filter(({ name }) => name !== '.' && name !== '..').map(({ name, type }) => (type === 'directory' ? `${name}/` : name)).sort()
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${names.map((name) => `<a href="${encodeURI(name)}">${name}</a>\n`).join('')}</pre>\n`
}
