/** locale: what LANG and LC_* come to. The machines have the C locales only. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

const categories = ['LC_CTYPE', 'LC_NUMERIC', 'LC_TIME', 'LC_COLLATE', 'LC_MONETARY', 'LC_MESSAGES', 'LC_PAPER', 'LC_NAME', 'LC_ADDRESS', 'LC_TELEPHONE', 'LC_MEASUREMENT', 'LC_IDENTIFICATION']

export const locale: Program = {
  name: 'locale',
  unsupported: 'keywords of a category, -k, -c',
  async run(process) {
    const [argument] = process.argv.slice(1)
    if (argument === undefined) return write(process, settings(process.env))
    if (argument === '-a' || argument === '--all-locales') return write(process, 'C\nC.utf8\nPOSIX\n')
    if (argument === '-m' || argument === '--charmaps') return write(process, 'ANSI_X3.4-1968\nUTF-8\n')
    if (argument === 'charmap') return write(process, `${/utf-?8/i.test(effective(process.env, 'LC_CTYPE')) ? 'UTF-8' : 'ANSI_X3.4-1968'}\n`)
    await process.stderr.write(`locale: unknown name "${argument}"\n`)
    return 1
  },
}

async function write(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

function effective(env: ReadonlyMap<string, string>, category: string): string {
  return env.get('LC_ALL') || env.get(category) || env.get('LANG') || 'POSIX'
}

/** What is only derived stands in quotes. */
function settings(env: ReadonlyMap<string, string>): string {
  const all = env.get('LC_ALL') ?? ''
  const line = (category: string): string => (all === '' && env.get(category) ? `${category}=${env.get(category) as string}` : `${category}="${effective(env, category)}"`)
  return `${[`LANG=${env.get('LANG') ?? ''}`, `LANGUAGE=${env.get('LANGUAGE') ?? ''}`, ...categories.map(line), `LC_ALL=${all}`].join('\n')}\n`
}
