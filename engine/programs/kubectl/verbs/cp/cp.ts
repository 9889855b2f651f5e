import { bool, int } from '#engine/programs/common/cobra/flags'
import { containerFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { completeCopy } from '../completion/files'
import { verb } from '../verb'
import { copyFromPod } from './download'
import { isRemote, parseFileSpec } from './spec'
import { copyToPod } from './upload'

export const cp = verb({
  use: 'cp <file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  long: 'Copy files and directories to and from containers.',
  example: "# Copy /tmp/foo local file to /tmp/bar in a remote pod in the default namespace\nkubectl cp /tmp/foo some-pod:/tmp/bar\n\n# Copy /tmp/foo from a remote pod to /tmp/bar locally\nkubectl cp some-namespace/some-pod:/tmp/foo /tmp/bar\n\n# The 'tar' binary has to be in the container. For symbolic links, wildcards or file modes use 'kubectl exec'\ntar cf - /tmp/foo | kubectl exec -i some-pod -- tar xf - -C /tmp/bar",
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    containerFlag,
    bool('no-preserve', "The copied file/directory's ownership and permissions will not be preserved in the container"),
    int('retries', 'Set number of retries to complete a copy operation from a container. Specify 0 to disable or any negative value for infinite retrying. The default is 0 (no retry).'),
  ],
  complete: completeCopy,
  run: runCp,
})

async function runCp(session: Session): Promise<void> {
  if (session.args.length !== 2) throw new CliError('source and destination are required')
  const [source, destination] = [parseFileSpec(session.args[0] as string), parseFileSpec(session.args[1] as string)]
  if (isRemote(source) && isRemote(destination)) throw new CliError('one of src or dest must be a local file specification')
  if (source.file === '' || destination.file === '') throw new CliError('filepath can not be empty')
  if (isRemote(source)) return await copyFromPod(session, source, destination.file)
  if (isRemote(destination)) return await copyToPod(session, source.file, destination)
  throw new CliError('one of src or dest must be a remote file specification')
}
