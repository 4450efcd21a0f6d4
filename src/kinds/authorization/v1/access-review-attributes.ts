import {
  FieldSelectorRequirement,
  LabelSelectorRequirement,
} from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** The field selector of the request that is asked about. */
export const FieldSelectorAttributes = s.struct('authorization.v1.FieldSelectorAttributes', {
  rawSelector: s.string().optional(),
  requirements: s.list(FieldSelectorRequirement, { listType: 'atomic' }).optional(),
})
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

/** The label selector of the request that is asked about. */
export const LabelSelectorAttributes = s.struct('authorization.v1.LabelSelectorAttributes', {
  rawSelector: s.string().optional(),
  requirements: s.list(LabelSelectorRequirement, { listType: 'atomic' }).optional(),
})
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

/** A request for a path that is not a resource. */
export const NonResourceAttributes = s.struct('authorization.v1.NonResourceAttributes', {
  path: s.string().optional(),
  verb: s.string().optional(),
})
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

/** A request for a resource. */
export const ResourceAttributes = s.struct('authorization.v1.ResourceAttributes', {
  namespace: s.string().optional(),
  verb: s.string().optional(),
  group: s.string().optional(),
  version: s.string().optional(),
  resource: s.string().optional(),
  subresource: s.string().optional(),
  name: s.string().optional(),
  fieldSelector: FieldSelectorAttributes.optional(),
  labelSelector: LabelSelectorAttributes.optional(),
})
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

/** The user and the request that are asked about. */
export const SubjectAccessReviewSpec = s.struct('authorization.v1.SubjectAccessReviewSpec', {
  resourceAttributes: ResourceAttributes.optional(),
  nonResourceAttributes: NonResourceAttributes.optional(),
  user: s.string().optional(),
  groups: s.list(s.string(), { listType: 'atomic' }).optional(),
  extra: s.map(s.list(s.string())).optional(),
  uid: s.string().optional(),
})
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

/** The decision, and why it was made. */
export const SubjectAccessReviewStatus = s.struct('authorization.v1.SubjectAccessReviewStatus', {
  allowed: s.bool(),
  denied: s.bool().optional(),
  reason: s.string().optional(),
  evaluationError: s.string().optional(),
})
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}
