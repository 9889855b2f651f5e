/** `seatrial://app/`: the renderer's files and nothing else, with a strict content security policy. */
import { net, protocol } from 'electron'
import { join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

export const rendererUrl = 'seatrial://app/'

const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'"

export const serveRenderer = {
  register(): void {
    protocol.registerSchemesAsPrivileged([{ scheme: 'seatrial', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  },

  handle(folder: string): void {
    protocol.handle('seatrial', async (request) => {
      const { pathname } = new URL(request.url)
      const path = normalize(join(folder, pathname === '/' ? 'index.html' : pathname))
      if (!path.startsWith(folder + sep)) return new Response('not found', { status: 404 })
      const file = await net.fetch(pathToFileURL(path).href)
      const headers = new Headers(file.headers)
      headers.set('content-security-policy', policy)
      headers.set('x-content-type-options', 'nosniff')
      return new Response(file.body, { status: file.status, headers })
    })
  },
}
