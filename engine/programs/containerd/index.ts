/** containerd and its shim. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { ConfigError, type ContainerdConfig, defaultDocument, formatToml, loadConfig } from '#engine/cri/containerd/config'
import { Containerd } from '#engine/cri/containerd/daemon'
import { runShim } from '#engine/cri/containerd/shim/main'

const defaultConfig = '/etc/containerd/config.toml'
const version = 'containerd github.com/containerd/containerd/v2 v2.2.1 dea7da592f5d1d2b7755e3a161be07f43fad8f75'

export const containerd: Program = {
  name: 'containerd',
  unsupported: 'flags other than --config, --log-level, --address, --root, --state, --version; subcommands other than config default|dump',
  async run(process) {
    const args = process.argv.slice(1)
    const options = parse(args)
    if (options.error !== undefined) {
      await process.stderr.write(`Incorrect Usage: ${options.error}\n\ncontainerd: ${options.error}\n`)
      return 1
    }
    if (options.version) {
      await process.stdout.write(`${version}\n`)
      return 0
    }
    if (options.operands[0] === 'config') return configCommand(process, options)
    if (options.operands.length > 0) {
      await process.stdout.write(`No help topic for '${options.operands[0] ?? ''}'\n`)
      return 3
    }
    try {
      return await new Containerd(process, load(process, options)).run()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      await process.stderr.write(`containerd: ${error.message}\n`)
      return 1
    }
  },
}

interface Options { config: string; explicit: boolean; address?: string; root?: string; state?: string; version: boolean; operands: string[]; error?: string }

const valued = new Set(['config', 'c', 'log-level', 'l', 'address', 'a', 'root', 'state'])

function parse(args: readonly string[]): Options {
  const out: Options = { config: defaultConfig, explicit: false, version: false, operands: [] }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!arg.startsWith('-') || arg === '-') {
      out.operands.push(arg)
      continue
    }
    const [name = '', inline] = arg.replace(/^--?/, '').split('=')
    if (name === 'version' || name === 'v') out.version = true
    else if (!valued.has(name)) return { ...out, error: `flag provided but not defined: -${name}` }
    else apply(out, name, inline ?? args[++i] ?? '')
  }
  return out
}

function apply(out: Options, name: string, value: string): void {
  if (name === 'config' || name === 'c') Object.assign(out, { config: value, explicit: true })
  else if (name === 'address' || name === 'a') out.address = value
  else if (name === 'root') out.root = value
  else if (name === 'state') out.state = value
}

function load(process: Process, options: Options): ContainerdConfig {
  const config = loadConfig(process.files, options.config, options.explicit)
  return { ...config, address: options.address ?? config.address, root: options.root ?? config.root, state: options.state ?? config.state }
}

async function configCommand(process: Process, options: Options): Promise<number> {
  const [, what = ''] = options.operands
  if (what === 'default') {
    await process.stdout.write(formatToml(defaultDocument()))
    return 0
  }
  if (what === 'dump' || what === 'migrate') {
    try {
      await process.stdout.write(formatToml(load(process, options).document))
      return 0
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      await process.stderr.write(`containerd: ${error.message}\n`)
      return 1
    }
  }
  await process.stdout.write(what === '' ? 'NAME:\n   containerd config - Information on the containerd config\n\nUSAGE:\n   containerd config command [command options]\n\nCOMMANDS:\n   default  See the output of the default config\n   dump     See the output of the final main config with imported in subconfig files\n   migrate  Migrate the current configuration file to the latest version (does not migrate subconfig files)\n' : `No help topic for '${what}'\n`)
  return what === '' ? 0 : 3
}

export const containerdShim: Program = { name: 'containerd-shim-runc-v2', run: runShim }

export const containerdPrograms: readonly Program[] = [containerd, containerdShim]
