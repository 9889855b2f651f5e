/** How long certificates last, as a table or as an object. */
import type { Certificate } from '#engine/base/pki/certificate'
import { emitYaml } from '#engine/base/yaml/emit'
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'

export interface Listed {
  readonly name: string
  /** Who signed it; a certificate without is an authority itself. */
  readonly authority?: string
  readonly certificate: Certificate | undefined
  /** The authority's key is not on this machine. */
  readonly external: boolean
}

export function expirationTable(certificates: readonly Listed[], roots: readonly Listed[], now: number): string {
  const row = ({ name, authority, certificate, external }: Listed): string => {
    const signed = authority === undefined ? [] : [authority]
    if (!certificate) return ['!MISSING! ', name].join('') + '\t'.repeat(3 + signed.length)
    return [name, shown(certificate), residual(certificate, now), ...signed, (external ? 'yes' : 'no').padEnd(8)].join('\t')
  }
  const rows = ['CERTIFICATE\tEXPIRES\tRESIDUAL TIME\tCERTIFICATE AUTHORITY\tEXTERNALLY MANAGED', ...certificates.map(row), '', 'CERTIFICATE AUTHORITY\tEXPIRES\tRESIDUAL TIME\tEXTERNALLY MANAGED', ...roots.map(row)]
  return `${alignTabs(rows.join('\n'), { minWidth: 10, padding: 3 })}\n`
}

export function expirationObject(certificates: readonly Listed[], roots: readonly Listed[], now: number, format: string): string {
  const of = ({ name, authority, certificate, external }: Listed): object => ({
    name,
    ...(certificate ? { expirationDate: new Date(certificate.notAfter).toISOString().replace('.000', ''), residualTime: Math.floor((certificate.notAfter - now) / 1000) } : { missing: true, expirationDate: null }),
    externallyManaged: external,
    ...(authority === undefined ? {} : { caName: authority }),
  })
  const object = { kind: 'CertificateExpirationInfo', apiVersion: 'output.kubeadm.k8s.io/v1alpha3', certificates: certificates.map(of), certificateAuthorities: roots.map(of) }
  return format === 'json' ? `${JSON.stringify(object, null, 4)}\n` : emitYaml(object)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function shown(certificate: Certificate): string {
  const at = new Date(certificate.notAfter)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${months[at.getUTCMonth()] ?? ''} ${two(at.getUTCDate())}, ${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`
}

/** apimachinery's ShortHumanDuration. */
function residual(certificate: Certificate, now: number): string {
  const seconds = Math.floor((certificate.notAfter - now) / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  const days = Math.floor(seconds / 86_400)
  return days < 365 ? `${days}d` : `${Math.floor(days / 365)}y`
}
