import { formatTime } from '../../base/clock.ts'
import type { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import { withTimes } from '../../kinds/certificates/v1/certificate-signing-request-strategy.ts'
import { validateRequestApproval } from '../../kinds/certificates/v1/certificate-signing-request-validation.ts'
import { keepSystemFields } from '../registry/strategy.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { get } from '../verbs/get.ts'
import { patch } from '../verbs/patch.ts'
import { notAllowed } from '../verbs/routes.ts'
import { type UpdateRules, update } from '../verbs/update.ts'
import { checkBy } from '../verbs/validate.ts'

/** `certificatesigningrequests/NAME/approval`: approves or denies a request, and nothing else. */
export const certificateApproval: SubresourceHandler = (request, resource, context) => {
  const now = context.clock.now()
  const rules: UpdateRules = {
    prepare: (_kind, given, old) =>
      decided(given as CertificateSigningRequest, old as CertificateSigningRequest, now),
    check: checkBy(validateRequestApproval),
    allowsCreate: false,
  }
  switch (request.info.verb) {
    case 'get':
      return get(request, resource, { now })
    case 'update':
      return update(request, resource, context, rules)
    case 'patch':
      return patch(request, resource, context, rules)
    default:
      throw notAllowed()
  }
}

function decided(
  given: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: number,
): CertificateSigningRequest {
  const { conditions: _, ...status } = old.status
  const before = old.status.conditions ?? []
  const conditions = given.status.conditions?.map((condition) =>
    withTimes(condition, before, formatTime(now)),
  )
  return {
    ...old,
    metadata: keepSystemFields(given.metadata, old.metadata),
    status: { ...status, ...(conditions !== undefined && { conditions }) },
  }
}
