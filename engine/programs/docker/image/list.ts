/** `docker images` and `docker history`. */
import { bool, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanDuration, humanSize } from '#engine/cri/units'
import { DockerFailure, filterFlag, filtersText } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { type Listing, printRows, type Row, shortened } from '../kit/format'
import { ellipsis, goTime } from '../container/list'

export interface ListedImage { readonly Id: string; readonly ParentId: string; readonly RepoTags: readonly string[] | null; readonly RepoDigests: readonly string[] | null; readonly Created: number; readonly Size: number; readonly Containers: number; readonly SharedSize: number }

const columns = { Repository: 'REPOSITORY', Tag: 'TAG', Digest: 'DIGEST', ID: 'IMAGE ID', CreatedSince: 'CREATED', CreatedAt: 'CREATED AT', Size: 'SIZE', SharedSize: 'SHARED SIZE', UniqueSize: 'UNIQUE SIZE', VirtualSize: 'SIZE', Containers: 'CONTAINERS' }

const flags = [bool('all,a', 'Show all images (default hides intermediate images)'), bool('digests', 'Show digests'), filterFlag('filter,f', 'Filter output based on conditions provided'), string('format', 'Format output using a custom template'), bool('no-trunc', "Don't truncate output"), bool('quiet,q', 'Only show image IDs'), bool('tree', 'List multi-platform images as a tree (EXPERIMENTAL)')]

export const imagesCommand = (use: string): Command => leaf({ use, short: 'List images', args: { atMost: 1 }, flags, aliases: use.startsWith('ls') ? ['list'] : [], ways: ['docker image ls', 'docker image list', 'docker images'], run: list })

async function list({ api, args, flags: given, process }: Context): Promise<number> {
  if (given.bool('tree')) throw new DockerFailure('--tree is not supported')
  const filters = [...given.list('filter'), ...(args[0] === undefined ? [] : [`reference=${args[0]}`])]
  const images = await api.get<ListedImage[]>('/images/json', { all: given.bool('all') || undefined, filters: filtersText(filters) })
  const digests = given.bool('digests')
  const listing: Listing = { type: '*formatter.imageContext', columns, table: `table {{.Repository}}\t{{.Tag}}\t${digests ? '{{.Digest}}\t' : ''}{{.ID}}\t{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}\t{{.Size}}` }
  const format = given.string('format')
  const rows = images.flatMap((image) => rowsOf(image, process.clock.now(), given.bool('no-trunc'), digests || format.includes('.Digest')))
  return printRows(process, listing, rows, { format, quiet: given.bool('quiet') })
}

/** A row for each tag; with digests each beside its repository's. */
function rowsOf(image: ListedImage, nowMs: number, noTrunc: boolean, digests: boolean): Row[] {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>').map(splitTag)
  const known = (image.RepoDigests ?? []).filter((digest) => digest !== '<none>@<none>').map((digest) => digest.split('@') as [string, string])
  const pairs: (readonly [repository: string, tag: string, digest: string])[] = tags.map(([repository, tag]) => [repository, tag, known.find(([name]) => name === repository)?.[1] ?? '<none>'] as const)
  const untagged = known.filter(([repository]) => !tags.some(([name]) => name === repository))
  if (digests || tags.length === 0) for (const [repository, digest] of untagged) pairs.push([repository, '<none>', digest])
  if (pairs.length === 0) pairs.push(['<none>', '<none>', '<none>'])
  return pairs.map(([Repository, Tag, Digest]) => ({
    Containers: image.Containers < 0 ? 'N/A' : String(image.Containers), CreatedAt: goTime(image.Created * 1000), CreatedSince: `${humanDuration(nowMs - image.Created * 1000)} ago`, Digest, ID: shortened(image.Id, noTrunc), Repository, SharedSize: image.SharedSize < 0 ? 'N/A' : humanSize(image.SharedSize, 3),
    Size: humanSize(image.Size, 3), Tag, UniqueSize: 'N/A', VirtualSize: humanSize(image.Size, 3),
  }))
}

function splitTag(text: string): [string, string] {
  const at = text.lastIndexOf(':')
  return [text.slice(0, at), text.slice(at + 1)]
}

const historyColumns = { ID: 'IMAGE', CreatedSince: 'CREATED', CreatedAt: 'CREATED AT', CreatedBy: 'CREATED BY', Size: 'SIZE', Comment: 'COMMENT' }

export const historyCommand: Command = leaf({
  use: 'history [OPTIONS] IMAGE', short: 'Show the history of an image', args: { exactly: 1 }, ways: ['docker image history', 'docker history'],
  flags: [string('format', 'Format output using a custom template'), bool('human,H', 'Print sizes and dates in human readable format', { default: true }), bool('no-trunc', "Don't truncate output"), bool('quiet,q', 'Only show image IDs')],
  async run({ api, args: [name = ''], flags: given, process }) {
    const layers = await api.get<{ Id: string; Created: number; CreatedBy: string; Size: number; Comment: string }[]>(`/images/${name}/history`)
    const [noTrunc, human] = [given.bool('no-trunc'), given.bool('human')]
    const rows = layers.map((layer): Row => {
      const by = layer.CreatedBy.replace(/\t/g, ' ')
      return {
        Comment: noTrunc ? layer.Comment : ellipsis(layer.Comment, 45), CreatedAt: new Date(layer.Created * 1000).toISOString().replace('.000', ''), CreatedBy: noTrunc ? by : ellipsis(by, 45), CreatedSince: human ? `${humanDuration(process.clock.now() - layer.Created * 1000)} ago` : new Date(layer.Created * 1000).toISOString().replace('.000', ''),
        ID: layer.Id === '<missing>' ? layer.Id : shortened(layer.Id, noTrunc), Size: human ? humanSize(layer.Size, 3) : String(layer.Size),
      }
    })
    return printRows(process, { type: '*formatter.historyContext', columns: historyColumns, table: 'table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}' }, rows, { format: given.string('format'), quiet: given.bool('quiet') })
  },
})
