/** diff, cmp, patch. */
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option, optional } from '#engine/linux/abi/flags'
import { programName } from '#engine/programs/common/gnu'
import { cmp } from '#engine/programs/text/diff/cmp'
import { Differ } from '#engine/programs/text/diff/differ'
import type { DiffOptions } from '#engine/programs/text/diff/format'
import { posixRegExp } from '#engine/shell/patterns/posix'
import { misused } from '#engine/programs/text/diff/misuse'
import { patch } from '#engine/programs/text/diff/patch'

const diff = defineProgram({
  name: 'diff',
  version: 'diff (GNU diffutils) 3.8',
  usageExit: 2,
  advice: (name) => `${name}: Try '${name} --help' for more information.`,
  flags: {
    normal: flag('--normal'), brief: flag('-q', '--brief'), identical: flag('-s', '--report-identical-files'), context: optional('-c'), contextLong: optional('--context'), contextLines: option('-C'), unified: flag('-u'), unifiedLong: optional('--unified'), unifiedLines: option('-U'), ed: flag('-e', '--ed'), rcs: flag('-n', '--rcs'), side: flag('-y', '--side-by-side'), width: option('-W', '--width'), leftColumn: flag('--left-column'), suppress: flag('--suppress-common-lines'),
    showFunction: flag('-p', '--show-c-function'), label: list('--label', '-L'), recursive: flag('-r', '--recursive'), newFile: flag('-N', '--new-file'), exclude: list('-x', '--exclude'), ignoreCase: flag('-i', '--ignore-case'), ignoreTab: flag('-E', '--ignore-tab-expansion'), ignoreTrailing: flag('-Z', '--ignore-trailing-space'), ignoreSpace: flag('-b', '--ignore-space-change'), ignoreAll: flag('-w', '--ignore-all-space'), ignoreBlank: flag('-B', '--ignore-blank-lines'), text: flag('-a', '--text'), stripCr: flag('--strip-trailing-cr'), color: optional('--color'), minimal: flag('-d', '--minimal'), ignoreMatching: list('-I', '--ignore-matching-lines'), dereference: flag('--no-dereference'), expandTabs: flag('-t', '--expand-tabs'), initialTab: flag('-T', '--initial-tab'),
  },
  rewrite: (args) => args.map((arg) => (/^-u?\d+$/.test(arg) ? `-U${arg.replace(/^-u?/, '')}` : arg)),
  async run(process, o) {
    if (o.color !== undefined && !['', 'always', 'never', 'auto'].includes(o.color)) return misused(process, `invalid color '${o.color}'`)
    const [first, second, extra] = o.operands
    if (first === undefined) return misused(process, `missing operand after '${programName(process)}'`)
    if (second === undefined) return misused(process, `missing operand after '${first}'`)
    if (extra !== undefined) return misused(process, `extra operand '${extra}'`)
    const differ = new Differ(process, optionsOf(o), { recursive: o.recursive, newFile: o.newFile, exclude: o.exclude, expandTabs: o.expandTabs, initialTab: o.initialTab })
    return differ.compare(first, second)
  },
})

interface Layout {
  readonly side: boolean
  readonly ed: boolean
  readonly rcs: boolean
  readonly unified: boolean
  readonly unifiedLong: string | undefined
  readonly unifiedLines: string | undefined
  readonly context: string | undefined
  readonly contextLong: string | undefined
  readonly contextLines: string | undefined
}

function styleOf(o: Layout): DiffOptions['style'] {
  if (o.side) return 'side'
  if (o.ed) return 'ed'
  if (o.rcs) return 'rcs'
  if (o.unified || (o.unifiedLines ?? o.unifiedLong) !== undefined) return 'unified'
  return (o.context ?? o.contextLines ?? o.contextLong) === undefined ? 'normal' : 'context'
}

/** An option that may have a value is empty where it has none. */
function contextLines(o: Layout): number {
  const given = [o.unifiedLines, o.unifiedLong, o.contextLines, o.contextLong, o.context].find((text) => text !== undefined && text !== '')
  return Number(given ?? 3)
}

function optionsOf(o: Layout & Omit<DiffOptions, 'style' | 'context' | 'color' | 'labels' | 'width' | 'ignoreMatching'> & { readonly ignoreMatching: readonly string[]; readonly color: string | undefined; readonly label: readonly string[]; readonly width: string | undefined }): DiffOptions {
  return { style: styleOf(o), color: o.color === '' ? 'auto' : o.color, context: contextLines(o), brief: o.brief, identical: o.identical, labels: o.label, width: Number(o.width ?? 130), suppress: o.suppress, leftColumn: o.leftColumn, ignoreCase: o.ignoreCase, ignoreTrailing: o.ignoreTrailing, ignoreSpace: o.ignoreSpace, ignoreAll: o.ignoreAll, ignoreBlank: o.ignoreBlank, text: o.text, stripCr: o.stripCr, ignoreMatching: o.ignoreMatching.map((pattern) => posixRegExp(pattern, { extended: false })) }
}

export const comparePrograms: readonly Program[] = [diff, cmp, patch]
