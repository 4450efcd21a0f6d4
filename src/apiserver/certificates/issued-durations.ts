import { X509Certificate } from 'node:crypto'
import { Counter, type Registry } from 'prom-client'
import type { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import type { RegistryHooks } from '../registry/registry-hooks.ts'

type Request = CertificateSigningRequest

/** Short-lived certificates begin so long before they are issued. */
const BACKDATED_SECONDS = 300
const TOLERANCE = 1 / 20

/**
 * Counts, under upstream's names, the certificates that are issued to who asked for a duration, and
 * those of them that have it: within a twentieth and five minutes.
 */
export function issuedDurations(registry: Registry): RegistryHooks {
  const counter = (what: string, help: string) =>
    new Counter({
      name: `apiserver_certificates_registry_csr_${what}_duration_total`,
      help,
      labelNames: ['signerName'],
      registers: [registry],
    })
  const requested = counter('requested', 'Certificates issued to who asked for a duration.')
  const honored = counter('honored', 'Certificates issued with the duration that was asked for.')
  return {
    beforeUpdate: async (object, old) => ({
      object,
      finish(isDone) {
        if (isDone !== true) return
        const wantedSeconds = wantedOf(object as Request, old as Request)
        if (wantedSeconds === undefined) return
        const { signerName: name } = (old as Request).spec
        const signerName = name.startsWith('kubernetes.io/') ? name : 'other'
        requested.inc({ signerName })
        if (isHonored(wantedSeconds, (object as Request).status.certificate ?? '')) {
          honored.inc({ signerName })
        }
      },
    }),
  }
}

/** Undefined where this write issues no certificate, or nobody has asked for a duration. */
function wantedOf({ status }: Request, old: Request): number | undefined {
  if ((status.certificate ?? '') === '' || (old.status.certificate ?? '') !== '') return undefined
  return old.spec.expirationSeconds
}

function isHonored(wantedSeconds: number, certificate: string): boolean {
  const { validFrom, validTo } = new X509Certificate(Buffer.from(certificate, 'base64'))
  const seconds = (Date.parse(validTo) - Date.parse(validFrom)) / 1000
  return Math.abs(wantedSeconds - seconds) < BACKDATED_SECONDS + wantedSeconds * TOLERANCE
}
