import { bool, string } from '#engine/programs/common/cobra/flags'
import { emitYaml } from '#engine/base/yaml/emit'
import { filenameFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { prettyJson } from '#engine/programs/kubectl/printers/json'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { lastApplied } from '../write'
import { completeResources } from '../completion/resources'
import { CliError } from '#engine/programs/kubectl/session/errors'

const formats = ['yaml', 'json']

export const viewLastApplied = verb({
  use: 'view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  long: 'View the latest last-applied-configuration annotations by type/name or file, in YAML or with -o in JSON.',
  example: '# View the last-applied-configuration annotations by type/name in YAML\nkubectl apply view-last-applied deployment/nginx\n\n# View the last-applied-configuration annotations by file in JSON\nkubectl apply view-last-applied -f deploy.yaml -o json',
  flags: [
    ...filenameFlags('that contains the last-applied-configuration annotations'), selectorFlag,
    bool('all', 'Select all resources in the namespace of the specified resource types'),
    string('output,o', 'Output format. Must be one of (yaml, json)', { default: 'yaml' }),
  ],
  complete: completeResources,
  run: runViewLastApplied,
})

async function runViewLastApplied(session: Session): Promise<void> {
  const { flags, args } = session
  const format = flags.string('output')
  // So says the real one, whatever the selector.
  if (flags.bool('all')) throw new CliError("setting 'all' parameter but found a non empty selector. ")
  const built = await build(session, {
    args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), all: flags.bool('all'), latest: true, stopAtError: true,
  })
  const { infos, error } = await built.infos()
  if (error) throw error
  const bare = infos.find((info) => info.source !== '' && info.object?.metadata.annotations?.[lastApplied] === undefined)
  if (bare) throw new CliError(`error when no last-applied-configuration annotation found on resource: ${bare.name}\n ${JSON.stringify(bare.source)}: <nil>`)
  const texts = infos.map((info) => info.object?.metadata.annotations?.[lastApplied]).filter((text) => text !== undefined)
  if (texts.length > 0 && !formats.includes(format)) throw session.usage(`Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json`)
  for (const text of texts) {
    const value: unknown = JSON.parse(text)
    await session.out(format === 'json' ? `${prettyJson(value, true, 2)}\n` : emitYaml(value))
  }
}
