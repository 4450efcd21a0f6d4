import type { AdmissionAttributes } from '../admission.ts'

const KINDS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions' } as const

/** The options of a write as an object, as webhooks and policies see them; null for connections. */
export function operationOptions({
  operation,
  request,
  options,
}: AdmissionAttributes): Readonly<Record<string, unknown>> | null {
  const apiVersion = 'meta.k8s.io/v1'
  if (operation === 'CONNECT') return null
  if (operation === 'DELETE') return { ...options, kind: 'DeleteOptions', apiVersion }
  const { query } = request
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  return {
    kind: KINDS[operation],
    apiVersion,
    ...(dryRun.length > 0 && { dryRun }),
    ...(fieldManager !== '' && { fieldManager }),
    ...(fieldValidation !== '' && { fieldValidation }),
  }
}
