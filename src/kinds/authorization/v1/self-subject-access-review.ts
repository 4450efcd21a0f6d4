import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewStatus,
} from './access-review-attributes.ts'

/** The request that the caller asks about. */
export const SelfSubjectAccessReviewSpec = s.struct(
  'authorization.v1.SelfSubjectAccessReviewSpec',
  {
    resourceAttributes: ResourceAttributes.optional(),
    nonResourceAttributes: NonResourceAttributes.optional(),
  },
)
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

/** Asks whether the caller may do something. */
export const SelfSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    spec: SelfSubjectAccessReviewSpec,
    status: SubjectAccessReviewStatus.present(),
  },
})
export interface SelfSubjectAccessReview extends ObjectOfKind<typeof SelfSubjectAccessReview> {}
