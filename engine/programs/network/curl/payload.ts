/** What a request carries: data, forms and uploads. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { CurlError, UnreadableUpload } from './error'
import { boundary } from './result'
import { CurlUsageError } from './usage'

const dataNames = ['data', 'data-ascii', 'data-raw', 'data-binary', 'data-urlencode', 'json'] as const

type Values = (name: string) => readonly string[]

/** As curl_easy_escape, but blanks are plus signs. */
export function urlencode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%20/g, '+')
}

export class Payload {
  constructor(
    private readonly process: Process,
    private readonly all: Values,
    private readonly quiet: boolean,
  ) {}

  get hasData(): boolean {
    return dataNames.some((name) => this.all(name).length > 0)
  }

  get hasForm(): boolean {
    return this.all('form').length + this.all('form-string').length > 0
  }

  contentType(): string | undefined {
    if (this.hasForm) return `multipart/form-data; boundary=${boundary}`
    return this.all('upload-file').length > 0 || this.all('json').length > 0 ? undefined : 'application/x-www-form-urlencoded'
  }

  async body(): Promise<Uint8Array | undefined> {
    const upload = this.all('upload-file').at(-1)
    if (upload !== undefined) return upload === '-' || upload === '.' ? this.process.stdin.readAll() : this.upload(upload)
    if (this.hasForm) return this.form()
    return this.hasData ? this.data() : undefined
  }

  /** All data, joined by `&`; --json joins nothing. */
  async data(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (const name of dataNames) {
      for (const value of this.all(name)) {
        if (parts.length > 0 && name !== 'json') parts.push(encodeUtf8('&'))
        parts.push(await this.datum(name, value))
      }
    }
    return concatBytes(parts)
  }

  private async datum(name: string, value: string): Promise<Uint8Array> {
    if (name === 'data-urlencode') return this.encodedDatum(value)
    if (!value.startsWith('@') || name === 'data-raw') return encodeUtf8(value)
    const bytes = await this.dataFile(value.slice(1))
    return name === 'data-binary' || name === 'json' ? bytes : encodeUtf8(decodeUtf8(bytes).replace(/[\r\n]/g, ''))
  }

  /** `content`, `=content`, `name=content`, `@file`, `name@file`. */
  private async encodedDatum(value: string): Promise<Uint8Array> {
    const [, name = '', mark, rest = ''] = /^([^=@]*)([=@])([^]*)$/.exec(value) ?? []
    if (mark === undefined) return encodeUtf8(urlencode(value))
    const content = mark === '=' ? rest : decodeUtf8(await this.dataFile(rest))
    return encodeUtf8(`${name}${name === '' ? '' : '='}${urlencode(content)}`)
  }

  private async dataFile(path: string): Promise<Uint8Array> {
    if (path === '-') return this.process.stdin.readAll()
    try {
      return this.process.files.readFile(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (!this.quiet) await this.process.stderr.write(`Warning: Couldn't read data from file "${path}", this makes an empty POST.\n`)
      return new Uint8Array(0)
    }
  }

  private upload(path: string): Uint8Array {
    try {
      return this.process.files.readFile(path)
    } catch (error) {
      if (isErrno(error)) throw new UnreadableUpload(path)
      throw error
    }
  }

  private async form(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (const field of this.all('form')) parts.push(await this.field(field))
    for (const field of this.all('form-string')) parts.push(plainField(field))
    return concatBytes([...parts, encodeUtf8(`--${boundary}--\r\n`)])
  }

  /** `name=value`, `name=@file;type=...;filename=...`, `name=<file`. */
  private async field(field: string): Promise<Uint8Array> {
    const [, name = '', mark = '', rest = ''] = /^([^=]+)=([@<]?)([^]*)$/.exec(field) ?? []
    if (name === '') {
      if (!this.quiet) await this.process.stderr.write('Warning: Illegally formatted input field!\n')
      throw new CurlUsageError('option -F: is badly used here')
    }
    const [value = '', ...settings] = rest.split(';')
    const setting = (key: string): string | undefined => settings.map((each) => each.trim()).find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1)
    if (mark === '') return part(`name="${name}"`, setting('type'), encodeUtf8(setting('type') === undefined ? rest : value))
    const content = value === '-' ? await this.process.stdin.readAll() : this.formFile(value)
    if (mark === '<') return part(`name="${name}"`, setting('type'), content)
    return part(`name="${name}"; filename="${setting('filename') ?? value.split('/').pop() ?? ''}"`, setting('type') ?? typeOf(value), content)
  }

  private formFile(path: string): Uint8Array {
    try {
      return this.process.files.readFile(path)
    } catch (error) {
      if (isErrno(error)) throw new CurlError(26, 'Failed to open/read local data from file/application')
      throw error
    }
  }
}

function plainField(field: string): Uint8Array {
  const [, name = '', value = ''] = /^([^=]*)=([^]*)$/.exec(field) ?? []
  return part(`name="${name}"`, undefined, encodeUtf8(value))
}

function part(disposition: string, type: string | undefined, content: Uint8Array): Uint8Array {
  return concatBytes([encodeUtf8(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`), content, encodeUtf8('\r\n')])
}

const types: Readonly<Record<string, string>> = { gif: 'image/gif', jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', svg: 'image/svg+xml', txt: 'text/plain', htm: 'text/html', html: 'text/html', pdf: 'application/pdf', xml: 'application/xml' }

function typeOf(path: string): string {
  return types[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}
