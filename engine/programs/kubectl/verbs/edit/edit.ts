import { bool } from '#engine/programs/common/cobra/flags'
import { fieldManagerFlag, filenameFlags, printFlags, saveConfigFlag, subresourceFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { editInfos } from './editing'
import { patchLive } from './modes'
import { completeResources } from '../completion/resources'
import { recordFlag } from '../record'

export const windowsLineEndings = bool('windows-line-endings', 'Defaults to the line ending native to your platform.')

export const edit = verb({
  use: 'edit (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit a resource on the server',
  long: "Edit a resource from the default editor.\n\n The editor is that of the KUBE_EDITOR or EDITOR environment variable, else 'vi'. When an error occurs while saving, the file is opened again with what went wrong as comments; what could not be saved is kept in a temporary file.",
  example: "# Edit the service named 'registry'\nkubectl edit svc/registry\n\n# Use an alternative editor\nKUBE_EDITOR=\"nano\" kubectl edit svc/registry\n\n# Edit the job 'myjob' in JSON\nkubectl edit job.v1.batch/myjob -o json\n\n# Edit the 'status' subresource of deployment 'mydeployment'\nkubectl edit deployment mydeployment --subresource='status'",
  group: 'Basic Commands (Intermediate):',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('to use to edit the resource'), fieldManagerFlag('kubectl-edit'), saveConfigFlag, subresourceFlag, validateFlag, windowsLineEndings,
    bool('output-patch', 'Output the patch if the resource is edited.'),
  ],
  complete: completeResources,
  run: runEdit,
})

async function runEdit(session: Session): Promise<void> {
  const { flags, args } = session
  const subresource = flags.string('subresource')
  const built = await build(session, { args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), latest: true, allowEmptySelector: true, ...(subresource === '' ? {} : { subresource }) })
  const { infos, error } = await built.infos()
  if (error) throw error
  if (infos.length === 0) throw new CliError('edit cancelled, no objects found')
  await editInfos(session, infos, patchLive(session))
}

