import { fieldManagerFlag, filenameFlags, printFlags, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { windowsLineEndings } from '../edit/edit'
import { editInfos } from '../edit/editing'
import { annotateEdited } from '../edit/modes'
import { verb } from '../verb'
import { lastApplied } from '../write'
import { completeResources } from '../completion/resources'

export const editLastApplied = verb({
  use: 'edit-last-applied (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  long: "Edit the latest last-applied-configuration annotations of resources from the default editor: that of the KUBE_EDITOR or EDITOR environment variable, else 'vi'.",
  example: '# Edit the last-applied-configuration annotations by type/name in YAML\nkubectl apply edit-last-applied deployment/nginx\n\n# Edit the last-applied-configuration annotations by file in JSON\nkubectl apply edit-last-applied -f deploy.yaml -o json',
  flags: [...printFlags, ...filenameFlags('to use to edit the resource'), fieldManagerFlag('kubectl-client-side-apply'), validateFlag, windowsLineEndings],
  complete: completeResources,
  run: runEditLastApplied,
})

async function runEditLastApplied(session: Session): Promise<void> {
  const { flags, args } = session
  const built = await build(session, { args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), latest: true, allowEmptySelector: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  const remembered: Info[] = []
  for (const info of infos) {
    const text = info.object?.metadata.annotations?.[lastApplied]
    if (text === undefined) continue
    const found = await (await build(session, { stream: { name: 'edited-file', text }, fetch: false })).infos()
    if (found.error) throw found.error
    remembered.push(...found.infos)
  }
  if (remembered.length === 0) throw new CliError('no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`')
  await editInfos(session, remembered, annotateEdited(session))
}
