import type { HttpRequest, HttpResponse } from '#engine/base/http'

/**
 * The way to an API server: already bound to its address, its TLS roots and the caller's certificate or token. Programs
 * build one from their kubeconfig and their process's sockets, so that outages, wrong addresses, expired certificates and
 * missing rights come by themselves. Connection failures reject with the socket's own error.
 */
export interface Transport {
  request(request: HttpRequest): Promise<HttpResponse>
}
