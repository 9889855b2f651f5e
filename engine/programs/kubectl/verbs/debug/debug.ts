import { bool, string, stringMap, strings } from '#engine/programs/common/cobra/flags'
import { type KubeObject, parseGroupVersion } from '#engine/api/object'
import { manifestEndings } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { attachToDebugger } from './attach'
import { type Made, debugByCopy, debugByEphemeralContainer, debugNode } from './make'
import { type DebugOptions, debugOptions } from './options'
import type { DebugPod } from './podspec'
import { completeResources } from '../completion/resources'

export const debug = verb({
  use: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  long: "Debug cluster resources using interactive debugging containers.\n\n Workload: create a copy of an existing pod with certain attributes changed, or add an ephemeral container to a running pod without restarting it.\n\n Node: create a new pod that runs in the node's host namespaces and can access the node's filesystem.",
  example: "# Create an interactive debugging session in pod mypod and immediately attach to it\nkubectl debug mypod -it --image=busybox\n\n# Create a debug container named debugger in the process namespace of the container myapp\nkubectl debug --image=busybox -c debugger --target=myapp mypod\n\n# Create a copy of mypod with all container images changed to busybox\nkubectl debug mypod --copy-to=my-debugger --set-image=*=busybox\n\n# Create an interactive debugging session on a node and immediately attach to it\nkubectl debug node/mynode -it --image=busybox",
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    bool('arguments-only', 'If specified, everything after -- will be passed to the new container as Args instead of Command.'),
    bool('attach', "If true, wait for the container to start running, and then attach as if 'kubectl attach ...' were called. Default false, unless '-i/--stdin' is set, in which case the default is true."),
    string('container,c', 'Container name to use for debug container.'),
    string('copy-to', 'Create a copy of the target Pod with this name.'),
    string('custom', 'Path to a JSON or YAML file containing a partial container spec to customize built-in debug profiles.'),
    stringMap('env', 'Environment variables to set in the container.', { defaultText: '[]' }),
    strings('filename,f', 'identifying the resource to debug', { extensions: manifestEndings }),
    string('image', 'Container image to use for debug container.'),
    string('image-pull-policy', 'The image pull policy for the container. If left empty, the server decides.'),
    bool('keep-annotations', 'If true, keep the original pod annotations.(This flag only works when used with \'--copy-to\')'),
    bool('keep-init-containers', "Run the init containers for the pod. Defaults to true.(This flag only works when used with '--copy-to')", { default: true }),
    bool('keep-labels', "If true, keep the original pod labels.(This flag only works when used with '--copy-to')"),
    bool('keep-liveness', "If true, keep the original pod liveness probes.(This flag only works when used with '--copy-to')"),
    bool('keep-readiness', "If true, keep the original pod readiness probes.(This flag only works when used with '--copy-to')"),
    bool('keep-startup', "If true, keep the original startup probes.(This flag only works when used with '--copy-to')"),
    string('profile', 'Options are "legacy", "general", "baseline", "netadmin", "restricted" or "sysadmin". Defaults to "legacy".', { default: 'legacy' }),
    bool('quiet,q', 'If true, suppress informational messages.'),
    bool('replace', "When used with '--copy-to', delete the original Pod."),
    bool('same-node', "When used with '--copy-to', schedule the copy of target Pod on the same node."),
    stringMap('set-image', "When used with '--copy-to', a list of name=image pairs for changing container images, similar to how 'kubectl set image' works.", { defaultText: '[]' }),
    bool('share-processes', "When used with '--copy-to', enable process namespace sharing in the copy.", { default: true }),
    bool('stdin,i', 'Keep stdin open on the container(s) in the pod, even if nothing is attached.'),
    string('target', 'When using an ephemeral container, target processes in this container name.'),
    bool('tty,t', 'Allocate a TTY for the debugging container.'),
  ],
  complete: completeResources,
  run: runDebug,
})

async function runDebug(session: Session): Promise<void> {
  const options = await debugOptions(session)
  const built = await build(session, { args: options.targets, filenames: session.flags.list('filename'), defaultType: 'pods' })
  await built.visit(async (info) => {
    const { pod, container } = await startDebugging(session, options, info.object as KubeObject)
    if (options.attach && container !== '') await attachToDebugger(session, pod, container)
  })
}

async function startDebugging(session: Session, options: DebugOptions, object: KubeObject): Promise<Made> {
  if (object.kind === 'Node' && object.apiVersion === 'v1') return await debugNode(session, options, object.metadata.name ?? '')
  const { group, version } = parseGroupVersion(object.apiVersion)
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1') throw new CliError(`${JSON.stringify(`${group}/${version}, Kind=${object.kind}`)} not supported by debug`)
  const pod = object as unknown as DebugPod
  return session.flags.string('copy-to') === '' ? await debugByEphemeralContainer(session, options, pod) : await debugByCopy(session, options, pod)
}
