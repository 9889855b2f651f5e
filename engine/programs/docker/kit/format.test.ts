import { describe, expect, it } from 'vitest'
import { documentText, rowsText } from './format'

const listing = { type: '*formatter.ContainerContext', columns: { ID: 'CONTAINER ID', Names: 'NAMES' }, table: 'table {{.ID}}\t{{.Names}}' }
const rows = [{ ID: 'abc', Names: 'web' }]

describe('formats', () => {
  it('lay out a table, a template, JSON, and ids alone', () => {
    expect(rowsText(listing, rows, { format: '' })).toBe('CONTAINER ID   NAMES\nabc            web\n')
    expect(rowsText(listing, rows, { format: '{{.Names}}\\t{{lower .ID}}' })).toBe('web\tabc\n')
    expect(rowsText(listing, rows, { format: 'json' })).toBe('{"ID":"abc","Names":"web"}\n')
    expect(rowsText(listing, rows, { format: '', quiet: true })).toBe('abc\n')
  })

  it('tell what is not there in the words of Go', () => {
    expect(() => rowsText(listing, rows, { format: '{{.Nope}}' })).toThrow(`template parsing error: template: :1:2: executing "" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext`)
    expect(() => documentText({ A: 1 }, '{{.Nope}}')).toThrow('template parsing error: template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"')
  })

  it('print documents as Go prints its own types', () => {
    const document = { Config: { Cmd: ['sh', '-c'], Entrypoint: null, ExposedPorts: { '80/tcp': {} } }, HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }, Ports: { '80/tcp': [{ HostIp: '::', HostPort: '8088' }] } }
    expect(documentText(document, '{{.Config.Cmd}} {{.Config.Entrypoint}} {{.Config.ExposedPorts}} {{.HostConfig.RestartPolicy}} {{.Ports}}')).toBe('[sh -c] [] map[80/tcp:{}] {on-failure 3} map[80/tcp:[{:: 8088}]]')
    expect(documentText(document, '{{json .Config.Entrypoint}} {{(index (index .Ports "80/tcp") 0).HostPort}}')).toBe('null 8088')
  })
})
