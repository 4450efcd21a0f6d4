/**
 * Asks a webhook: posts a review (a TokenReview, a SubjectAccessReview) and resolves to what comes
 * back. Rejects where no answer could be had, retries included.
 */
export type PostReview = (review: object) => Promise<unknown>

/** The webhook took too long. */
export class ReviewTimeout extends Error {
  override readonly name = 'ReviewTimeout'
}

/** A cache entry that is good until a time of the monotonic clock, in milliseconds. */
export interface Expiring<V> {
  readonly value: V
  readonly until: number
}
