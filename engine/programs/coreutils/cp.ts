/** cp. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, option, optional, UsageError } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { backupFlags, backupPlan } from '#engine/programs/coreutils/backup'
import { Copier, type CopyOptions } from '#engine/programs/coreutils/copier'
import { joinPath, makeParents, parentOf, PathProblem, statOf } from '#engine/programs/coreutils/paths'
import { planTargets } from '#engine/programs/coreutils/targets'

const cpFlags = {
  archive: flag('-a', '--archive'), attributesOnly: flag('--attributes-only'), ...backupFlags, dereference: flag('-L', '--dereference'), noDereference: flag('-P', '--no-dereference'), force: flag('-f', '--force'), H: flag('-H'), interactive: flag('-i', '--interactive'), link: flag('-l', '--link'), noClobber: flag('-n', '--no-clobber'),
  noPreserve: option('--no-preserve'), noTarget: flag('-T', '--no-target-directory'), oneFileSystem: flag('-x', '--one-file-system'), parents: flag('--parents'), preserveDefault: flag('-p'), preserve: optional('--preserve'), recursive: flag('-R', '-r', '--recursive'), removeDestination: flag('--remove-destination'),
  sparse: choice(option('--sparse'), [['never'], ['auto'], ['always']]), reflink: choice(optional('--reflink'), [['auto'], ['always'], ['never']], { bare: 'always' }), stripSlashes: flag('--strip-trailing-slashes'), symbolic: flag('-s', '--symbolic-link'), target: option('-t', '--target-directory'), update: flag('-u', '--update'), verbose: flag('-v', '--verbose'), d: flag('-d'), context: flag('-Z'),
} as const

type Given = FlagValues<typeof cpFlags>

const attributes = ['mode', 'timestamps', 'ownership', 'links', 'context', 'xattr', 'all']

const cp = defineProgram({
  name: 'cp',
  usage: '[OPTION]... [-T] SOURCE DEST',
  flags: cpFlags,
  async run(process, given) {
    const options = optionsOf(process, given)
    const plan = await planTargets(process, given.operands, given)
    if (typeof plan === 'number') return plan
    if (given.parents && plan.into === undefined) return usageFailure(process, 'with --parents, the destination must be a directory')
    const copier = new Copier(process, options)
    let status = 0
    for (const source of await withoutTwins(process, plan.sources)) {
      const target = given.parents ? await parentsInto(process, plan.into as string, source, options.verbose !== undefined) : plan.destinationOf(source)
      if (target === undefined || !(await copier.copy(source, target))) status = 1
    }
    return status
  },
})

function optionsOf(process: Process, given: Given): CopyOptions {
  const recursive = given.recursive || given.archive
  return {
    force: given.force, interactive: given.interactive && !given.noClobber, noClobber: given.noClobber, verbose: given.verbose ? 'cp' : undefined, update: given.update, backup: backupPlan(process, given), recursive, preserve: preserved(process, given),
    followLinks: given.dereference || (!recursive && !given.noDereference && !given.d && !given.link), followArguments: given.H, link: given.link, symbolic: given.symbolic, attributesOnly: given.attributesOnly, removeDestination: given.removeDestination,
  }
}

/** Which attributes go along; the words of --preserve are checked. */
function preserved(process: Process, given: Given): ReadonlySet<string> {
  const out = new Set<string>()
  if (given.preserveDefault || given.preserve === '') for (const what of ['mode', 'ownership', 'timestamps']) out.add(what)
  for (const word of attributeWords(process, given.preserve, '--preserve')) out.add(word)
  if (given.archive || out.has('all')) for (const what of ['mode', 'ownership', 'timestamps', 'links']) out.add(what)
  if (given.d) out.add('links')
  for (const word of attributeWords(process, given.noPreserve, '--no-preserve')) out.delete(word)
  return out
}

function attributeWords(process: Process, text: string | undefined, option: string): string[] {
  return (text ?? '').split(',').filter((word) => word !== '').map((word) => {
    const near = attributes.filter((known) => known.startsWith(word))
    if (near.length === 1) return near[0] as string
    throw new UsageError(`invalid argument ${quote(process, word)} for ${quote(process, option)}\nValid arguments are:\n${attributes.map((known) => `  - ${quote(process, known)}`).join('\n')}`)
  })
}

async function withoutTwins(process: Process, sources: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const source of sources) {
    if (!out.includes(source)) out.push(source)
    else await complain(process, `warning: source ${statOf(process, source)?.type === 'directory' ? 'directory' : 'file'} ${quoteName(source)} specified more than once`)
  }
  return out
}

/** --parents: the directories of the source are made below the destination. Undefined after a complaint. */
async function parentsInto(process: Process, directory: string, source: string, verbose: boolean): Promise<string | undefined> {
  const relative = source.replace(/^\/+/, '')
  const parent = parentOf(relative)
  try {
    if (parent !== '.') await makeParents(process, joinPath(directory, parent), async (made) => (verbose ? print(process, `${made.slice(joinPath(directory, '').length)} -> ${made}\n`) : undefined))
    return joinPath(directory, relative)
  } catch (error) {
    await complain(process, error instanceof PathProblem ? `cannot make directory ${quoteName(error.path)}: ${error.why}` : reason(error))
    return undefined
  }
}

export const cpPrograms: readonly Program[] = [cp]
