import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-review-attributes.ts'

/** Asks whether a user may do something in one namespace. */
export const LocalSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    spec: SubjectAccessReviewSpec,
    status: SubjectAccessReviewStatus.present(),
  },
})
export interface LocalSubjectAccessReview extends ObjectOfKind<typeof LocalSubjectAccessReview> {}
