/** Amounts of the configuration that the kubelet reads while it starts: reservations and eviction thresholds. */
import { parseQuantity, quantityValue } from '#engine/api/quantity'
import { type KubeletConfig, KubeletStartError } from './config'

const signals = new Set(['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'containerfs.available', 'containerfs.inodesFree', 'allocatableMemory.available', 'pid.available'])
const reservable = new Set(['cpu', 'memory', 'ephemeral-storage', 'pid'])

export function checkAmounts(config: KubeletConfig): void {
  for (const [flag, amounts] of [['kube', config.kubeReserved], ['system', config.systemReserved]] as const) {
    for (const [name, amount] of Object.entries(amounts ?? {})) {
      if (!reservable.has(name)) throw failed(`--${flag}-reserved value failed to parse: cannot reserve ${JSON.stringify(name)} resource`)
      const value = amountOf(amount)
      if (value < 0) throw failed(`--${flag}-reserved value failed to parse: resource quantity for ${JSON.stringify(name)} cannot be negative: ${amount}`)
    }
  }
  for (const thresholds of [config.evictionHard, config.evictionSoft]) for (const [signal, amount] of Object.entries(thresholds ?? {})) checkThreshold(signal, amount)
}

function checkThreshold(signal: string, amount: string): void {
  if (!signals.has(signal)) throw failed(`unsupported eviction signal ${signal}`)
  if (!amount.endsWith('%')) return void amountOf(amount)
  const share = Number(amount.slice(0, -1))
  if (Number.isNaN(share)) throw failed(`strconv.ParseFloat: parsing ${JSON.stringify(amount.slice(0, -1))}: invalid syntax`)
  if (share < 0) throw failed(`eviction percentage threshold ${signal} must be >= 0%: ${amount}`)
  if (share > 100) throw failed(`eviction percentage threshold ${signal} must be <= 100%: ${amount}`)
}

function amountOf(text: string): number {
  try {
    return quantityValue(parseQuantity(String(text)))
  } catch (error) {
    throw failed((error as Error).message)
  }
}

function failed(why: string): KubeletStartError {
  return new KubeletStartError(`failed to run Kubelet: ${why}`)
}
