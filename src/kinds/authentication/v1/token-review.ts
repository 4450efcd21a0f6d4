import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { UserInfo } from './user-info.ts'

/** The token to check, and for which audiences. */
export const TokenReviewSpec = s.struct('authentication.v1.TokenReviewSpec', {
  token: s.string().pointer(),
  audiences: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

/** Whether the token is valid, for whom, and for which audiences. */
export const TokenReviewStatus = s.struct('authentication.v1.TokenReviewStatus', {
  authenticated: s.bool().optional(),
  user: UserInfo.default({}),
  audiences: s.list(s.string(), { listType: 'atomic' }).optional(),
  error: s.string().optional(),
})
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}

/** Asks whether a token is valid, and whose it is. */
export const TokenReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    spec: TokenReviewSpec,
    status: TokenReviewStatus.default({}),
  },
})
export interface TokenReview extends ObjectOfKind<typeof TokenReview> {}
