import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** Verbs that are allowed on paths that are not resources. */
export const NonResourceRule = s.struct('authorization.v1.NonResourceRule', {
  verbs: s.list(s.string(), { listType: 'atomic' }),
  nonResourceURLs: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

/** Verbs that are allowed on resources. */
export const ResourceRule = s.struct('authorization.v1.ResourceRule', {
  verbs: s.list(s.string(), { listType: 'atomic' }),
  apiGroups: s.list(s.string(), { listType: 'atomic' }).optional(),
  resources: s.list(s.string(), { listType: 'atomic' }).optional(),
  resourceNames: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface ResourceRule extends Infer<typeof ResourceRule> {}

/** The namespace that is asked about. */
export const SelfSubjectRulesReviewSpec = s.struct('authorization.v1.SelfSubjectRulesReviewSpec', {
  namespace: s.string().optional(),
})
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

/** What is allowed, and whether the list is complete. */
export const SubjectRulesReviewStatus = s.struct('authorization.v1.SubjectRulesReviewStatus', {
  resourceRules: s.list(ResourceRule, { listType: 'atomic' }),
  nonResourceRules: s.list(NonResourceRule, { listType: 'atomic' }),
  incomplete: s.bool(),
  evaluationError: s.string().optional(),
})
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}

/** Asks for all that the caller may do in a namespace. */
export const SelfSubjectRulesReview = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    spec: SelfSubjectRulesReviewSpec,
    status: SubjectRulesReviewStatus.present(),
  },
})
export interface SelfSubjectRulesReview extends ObjectOfKind<typeof SelfSubjectRulesReview> {}
