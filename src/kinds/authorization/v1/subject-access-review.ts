import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-review-attributes.ts'

/** Asks whether a user may do something. */
export const SubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    spec: SubjectAccessReviewSpec,
    status: SubjectAccessReviewStatus.present(),
  },
})
export interface SubjectAccessReview extends ObjectOfKind<typeof SubjectAccessReview> {}
