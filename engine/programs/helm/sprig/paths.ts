/** Paths and URLs. */
import { basePath, cleanPath, directoryOf, extensionOf } from '#engine/programs/helm/chart/paths'
import { isTable, type Values } from '#engine/programs/helm/values/types'
import { fn, type FunctionTable, named, strval } from './define'

const pattern = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

function parseUrl(text: string): Values {
  const match = pattern.exec(text)
  if (!match || /\s/.test(match[3] ?? '')) throw new Error(`unable to parse url: parse ${JSON.stringify(text)}: invalid character " " in host name`)
  const [, scheme = '', userinfo = '', host = '', path = '', query = '', fragment = ''] = match
  const opaque = scheme !== '' && host === '' && !path.startsWith('/') && path !== '' ? path : ''
  return { scheme: scheme.toLowerCase(), host, hostname: host.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''), path: opaque === '' ? decoded(path) : '', query, opaque, fragment: decoded(fragment), userinfo }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function joinUrl(parts: Values): string {
  const part = (name: string): string => (isTable(parts) && Object.hasOwn(parts, name) ? strval(parts[name]) : '')
  const [scheme, host, path, query, fragment, user, opaque] = ['scheme', 'host', 'path', 'query', 'fragment', 'userinfo', 'opaque'].map(part) as [string, string, string, string, string, string, string]
  const authority = host === '' && user === '' ? '' : `//${user === '' ? '' : `${user}@`}${host}`
  const way = opaque !== '' ? opaque : authority !== '' && path !== '' && !path.startsWith('/') ? `/${path}` : path
  return `${scheme === '' ? '' : `${scheme}:`}${authority}${encodeURI(way)}${query === '' ? '' : `?${query}`}${fragment === '' ? '' : `#${encodeURI(fragment)}`}`
}

export const pathFunctions: FunctionTable = {
  ...named('base osBase', fn('string', basePath)),
  ...named('dir osDir', fn('string', directoryOf)),
  ...named('clean osClean', fn('string', cleanPath)),
  ...named('ext osExt', fn('string', extensionOf)),
  ...named('isAbs osIsAbs', fn('string', (path: string) => path.startsWith('/'))),
  urlParse: fn('string', parseUrl),
  urlJoin: fn('map', joinUrl),
}
