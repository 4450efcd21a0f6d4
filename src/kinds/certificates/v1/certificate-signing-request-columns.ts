import { formatHumanDuration } from '../../../machinery/duration.ts'
import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { CertificateSigningRequest } from './certificate-signing-request.ts'

/** What `kubectl get certificatesigningrequests` shows. */
export const certificateSigningRequestColumns: readonly PrinterColumn<CertificateSigningRequest>[] =
  [
    ageColumn,
    { name: 'SignerName', type: 'string', of: ({ spec }) => spec.signerName || '<none>' },
    { name: 'Requestor', type: 'string', of: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      of: ({ spec }) => {
        if (spec.expirationSeconds === undefined) return '<none>'
        return formatHumanDuration(spec.expirationSeconds * 1000)
      },
    },
    { name: 'Condition', type: 'string', of: conditionText },
  ]

function conditionText({ status }: CertificateSigningRequest): string {
  const { conditions = [], certificate = '' } = status
  const has = (wanted: string) => conditions.some(({ type }) => type === wanted)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate === '' ? '' : ',Issued'}`
}
