/** Reservations that the machine cannot hold end the kubelet while its container manager starts. */
import { parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import { KubeletExit } from '../config/config'
import type { KubeletContext } from '../context'
import { signalAmount } from '../eviction/thresholds'
import type { MachineFacts } from './machine'

export function checkReservations(context: KubeletContext, machine: MachineFacts): void {
  const { config, klog } = context
  const sum = (name: string): number => [config.systemReserved, config.kubeReserved].reduce((total, amounts) => total + amountOf(name, amounts?.[name]), 0)
  const cpu = sum('cpu')
  const memory = sum('memory') + signalAmount(config.evictionHard['memory.available'], machine.memoryBytes)
  const errors = [
    ...(cpu > machine.processors * 1000 ? [excess('cpu', milliText(cpu), `{{${machine.processors * 1000} -3} {<nil>}  DecimalSI}`)] : []),
    ...(memory > machine.memoryBytes ? [excess('memory', `{{${memory} 0} {<nil>}  BinarySI}`, `{{${machine.memoryBytes} 0} {<nil>}  BinarySI}`)] : []),
  ]
  if (errors.length === 0) return
  klog.error('kubelet.go:1704', `invalid Node Allocatable configuration. ${errors.join(' ')}`, 'Failed to start ContainerManager')
  throw new KubeletExit()
}

function excess(name: string, reserved: string, capacity: string): string {
  return `Resource ${JSON.stringify(name)} has a reservation of ${reserved} but capacity of ${capacity}. Expected capacity >= reservation.`
}

function milliText(milli: number): string {
  return milli % 1000 === 0 ? `{{${milli / 1000} 0} {<nil>}  DecimalSI}` : `{{${milli} -3} {<nil>}  DecimalSI}`
}

function amountOf(name: string, text: string | undefined): number {
  if (text === undefined) return 0
  const quantity = parseQuantity(String(text))
  return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)
}
