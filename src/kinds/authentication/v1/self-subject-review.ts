import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { UserInfo } from './user-info.ts'

/** The caller, as the API server sees them. */
export const SelfSubjectReviewStatus = s.struct('authentication.v1.SelfSubjectReviewStatus', {
  userInfo: UserInfo.default({}),
})
export interface SelfSubjectReviewStatus extends Infer<typeof SelfSubjectReviewStatus> {}

/** Answers who the caller is. */
export const SelfSubjectReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    status: SelfSubjectReviewStatus.default({}),
  },
})
export interface SelfSubjectReview extends ObjectOfKind<typeof SelfSubjectReview> {}
