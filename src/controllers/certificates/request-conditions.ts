import type { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'

type Request = Pick<CertificateSigningRequest, 'status'>

export function isApproved({ status }: Request): boolean {
  const types = (status.conditions ?? []).map(({ type }) => type)
  return types.includes('Approved') && !types.includes('Denied')
}

export function isDecided({ status }: Request): boolean {
  return (status.conditions ?? []).some(({ type }) => type === 'Approved' || type === 'Denied')
}

export function hasFailed({ status }: Request): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Failed' && one.status === 'True')
}

export function isIssued({ status }: Request): boolean {
  return (status.certificate ?? '') !== ''
}
