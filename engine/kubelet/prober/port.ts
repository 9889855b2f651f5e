import type { Container } from '#engine/api/kinds'

/** A port by number or by name of the container's ports; the words of why not otherwise. */
export function portNumber(container: Container, port: number | string | undefined): number | string {
  if (typeof port === 'number') return port > 0 && port < 65_536 ? port : `invalid port number: ${port}`
  const named = (container.ports ?? []).find((item) => item.name === port)
  if (named) return named.containerPort
  if (port !== undefined && /^\d+$/.test(port)) return Number(port)
  return `strconv.Atoi: parsing ${JSON.stringify(port ?? '')}: invalid syntax`
}
