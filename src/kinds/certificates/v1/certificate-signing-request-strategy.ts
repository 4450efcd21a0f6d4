import { formatTime } from '../../../base/clock.ts'
import type { WriteContext } from '../../../machinery/kind.ts'
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from './certificate-signing-request.ts'

type Condition = CertificateSigningRequestCondition

/** Decisions are made through `approval` only; a report of the status cannot change them. */
const DECISIONS: ReadonlySet<string> = new Set(['Approved', 'Denied'])

/** A request says who makes it: the server fills that in, whatever the client claims. */
export function prepareRequestForCreate(
  request: CertificateSigningRequest,
  { user }: WriteContext,
): CertificateSigningRequest {
  const { username: _, uid: __, groups: ___, extra: ____, ...spec } = request.spec
  const { name = '', uid = '', groups = [], extra = {} } = user ?? {}
  return {
    ...request,
    spec: {
      ...spec,
      ...(name === '' ? {} : { username: name }),
      ...(uid === '' ? {} : { uid }),
      ...(groups.length === 0 ? {} : { groups }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    },
  }
}

/** New conditions are dated, and the decisions stay as they were made. */
export function prepareRequestForStatusUpdate(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  { now }: WriteContext,
): CertificateSigningRequest {
  const { conditions } = request.status
  if (conditions === undefined) return request
  const before = old.status.conditions ?? []
  const kept = [...DECISIONS].reduce((list, type) => keepDecision(list, before, type), conditions)
  const dated = kept.map((condition) => withTimes(condition, before, formatTime(now)))
  return { ...request, status: { ...request.status, conditions: dated } }
}

/** Only their number is compared: what was added or taken away is for validation to refuse. */
function keepDecision(
  conditions: readonly Condition[],
  before: readonly Condition[],
  type: string,
): readonly Condition[] {
  const old = before.filter((condition) => condition.type === type)
  if (conditions.filter((condition) => condition.type === type).length !== old.length) {
    return conditions
  }
  const rest = old.values()
  return conditions.map((condition) => {
    return condition.type === type ? (rest.next().value ?? condition) : condition
  })
}

/** A condition that is dated: when it last changed is known from the one before. */
export function withTimes(
  condition: Condition,
  before: readonly Condition[],
  now: string,
): Condition {
  const { lastUpdateTime, lastTransitionTime, type, status } = condition
  if (lastUpdateTime && lastTransitionTime) return condition
  const same = before.find((one) => one.type === type && one.status === status)
  return {
    ...condition,
    lastUpdateTime: lastUpdateTime ?? now,
    lastTransitionTime: lastTransitionTime ?? same?.lastTransitionTime ?? now,
  }
}
