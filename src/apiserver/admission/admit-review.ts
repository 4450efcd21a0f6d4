import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { withReviewTracked } from '../apply/review-managers.ts'
import type { ServerRequest } from '../request.ts'
import type { WriteContext } from '../verbs/write-context.ts'

const SYSTEM_FIELDS = [
  ...['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'uid'],
] as const

/**
 * A review, or whatever else is answered without being stored, as webhooks want it. Rejects with
 * their refusals.
 */
export async function admitReview(
  request: ServerRequest,
  kind: Kind,
  given: KubeObject,
  { admission, clock }: WriteContext,
): Promise<KubeObject> {
  const { user, info } = request
  if (user === undefined) throw new Error('a review reached its handler without authentication')
  const object = withReviewTracked(request, kind, withoutSystemFields(given), clock.now())
  const attributes = {
    ...{ operation: 'CREATE' as const, kind, user, request, object, oldObject: undefined },
    subresource: info.subresource,
    namespace: kind.scope === 'Namespaced' ? info.namespace : '',
    name: object.metadata.name ?? '',
    isDryRun: request.query.getAll('dryRun').includes('All'),
  }
  const mutated = (await admission.dynamic.mutate(attributes)) ?? object
  await admission.dynamic.validate({ ...attributes, object: mutated })
  return mutated
}

/** What the server alone says of an object, and a client may have sent back. */
function withoutSystemFields(review: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...review.metadata }
  for (const name of SYSTEM_FIELDS) delete metadata[name]
  return { ...review, metadata } as unknown as KubeObject
}
