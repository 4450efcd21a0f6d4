import type {
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../kinds/authorization/v1/access-review-attributes.ts'
import type { LocalSubjectAccessReview } from '../../kinds/authorization/v1/local-subject-access-review.ts'
import type { SelfSubjectAccessReview } from '../../kinds/authorization/v1/self-subject-access-review.ts'
import type { SelfSubjectRulesReview } from '../../kinds/authorization/v1/self-subject-rules-review.ts'
import type { SubjectAccessReview } from '../../kinds/authorization/v1/subject-access-review.ts'
import { joinErrors } from '../../machinery/join-errors.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { badRequest, invalidObject } from '../../machinery/status-error.ts'
import { admitReview } from '../admission/admit-review.ts'
import { ANONYMOUS } from '../authentication/authenticator.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import type { VirtualHandler } from '../verbs/dispatch.ts'
import { readObject } from '../verbs/read-object.ts'
import { respondWithAnswer } from '../verbs/respond.ts'
import type { WriteContext } from '../verbs/write-context.ts'
import { readWriteOptions } from '../verbs/write-options.ts'
import type { Attributes, Authorizer } from './authorizer.ts'
import { fieldSelectorOf, labelSelectorOf, selectorFaults } from './review-selectors.ts'
import type { RuleResolver } from './rule-resolver.ts'
import { validateAccessReview } from './validate-access-review.ts'

type AnyReview = SubjectAccessReview | LocalSubjectAccessReview | SelfSubjectAccessReview
type Questions = Omit<SubjectAccessReviewSpec, 'user' | 'groups' | 'extra' | 'uid'>

/** The handlers of the kinds that answer what somebody may do, by `group/plural`. */
export function accessReviewHandlers(
  authorizer: Authorizer,
  rules: RuleResolver,
): ReadonlyMap<string, VirtualHandler> {
  const group = 'authorization.k8s.io'
  return new Map<string, VirtualHandler>([
    [`${group}/subjectaccessreviews`, reviewOf(authorizer, userOfSpec)],
    [`${group}/localsubjectaccessreviews`, reviewOf(authorizer, userOfSpec)],
    [`${group}/selfsubjectaccessreviews`, reviewOf(authorizer, (_, request) => userOf(request))],
    [`${group}/selfsubjectrulesreviews`, rulesReview(rules)],
  ])
}

function reviewOf(
  authorizer: Authorizer,
  subjectOf: (spec: SubjectAccessReviewSpec, request: ServerRequest) => UserInfo,
): VirtualHandler {
  return async (request, kind, context) => {
    const given = (await readReview(request, kind, context)) as AnyReview
    const review = kind.scope === 'Namespaced' ? inNamespace(given, request.info.namespace) : given
    const errors = [...validateAccessReview(kind, review)]
    if (errors.length > 0) throw invalidObject({ group: kind.group, kind: '' }, '', errors)
    const spec = review.spec as SubjectAccessReviewSpec
    const { verdict, reason, error } = await authorizer.authorize(
      attributesOfSpec(spec, subjectOf(spec, request)),
    )
    const faults = [...(error === undefined ? [] : [error]), ...selectorFaults(spec)]
    const status: SubjectAccessReviewStatus = {
      allowed: verdict === 'Allow',
      ...(verdict === 'Deny' && { denied: true }),
      ...(reason !== '' && { reason }),
      ...(faults.length > 0 && { evaluationError: faults.join('; ') }),
    }
    return respondWithAnswer(request, kind, { ...review, status } as AnyReview as KubeObject)
  }
}

function rulesReview(resolver: RuleResolver): VirtualHandler {
  return async (request, kind, context) => {
    const review = (await readReview(request, kind, context)) as SelfSubjectRulesReview
    const namespace = review.spec?.namespace ?? ''
    if (namespace === '') throw badRequest('no namespace on request')
    const user = userOf(request)
    const { rules, errors, isIncomplete = false } = resolver.rulesFor(user, namespace)
    const status = {
      resourceRules: rules.flatMap(({ nonResourceURLs: _, ...rule }) =>
        (rule.resources ?? []).length > 0 ? [rule] : [],
      ),
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs = [] }) =>
        nonResourceURLs.length > 0 ? [{ verbs, nonResourceURLs }] : [],
      ),
      incomplete: isIncomplete,
      ...(errors.length > 0 && { evaluationError: joinErrors(errors) }),
    }
    const names = { kind: kind.kind, apiVersion: kind.apiVersion }
    const answer = { ...names, metadata: {}, spec: {}, status } as unknown as KubeObject
    return respondWithAnswer(request, kind, answer)
  }
}

async function readReview(
  request: ServerRequest,
  kind: Kind,
  context: WriteContext,
): Promise<KubeObject> {
  const { fieldValidation } = readWriteOptions(request, 'CreateOptions')
  const given = await readObject(request, kind, fieldValidation)
  return admitReview(request, kind, kind.scope === 'Cluster' ? unplaced(given) : given, context)
}

/** What is about no namespace is in none, whatever it says. */
function unplaced(review: KubeObject): KubeObject {
  const { namespace, ...metadata } = review.metadata
  return namespace === undefined ? review : ({ ...review, metadata } as KubeObject)
}

function userOf({ user = ANONYMOUS }: ServerRequest): UserInfo {
  return user
}

function userOfSpec({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return {
    name: user,
    groups,
    ...(uid !== undefined && { uid }),
    ...(extra !== undefined && { extra }),
  }
}

/** A review in a namespace's path that names none is about that namespace. */
function inNamespace(review: AnyReview, namespace: string): AnyReview {
  const own = review.metadata.namespace ?? ''
  if (own !== '' && own !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  return { ...review, metadata: { ...review.metadata, namespace } } as AnyReview
}

function attributesOfSpec(spec: Questions, user: UserInfo): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec
  return {
    user,
    verb: resource?.verb ?? path?.verb ?? '',
    isResourceRequest: resource !== undefined,
    namespace: resource?.namespace ?? '',
    group: resource?.group ?? '',
    version: resource?.version ?? '*',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    name: resource?.name ?? '',
    path: path?.path ?? '',
    fieldSelector: fieldSelectorOf(resource),
    labelSelector: labelSelectorOf(resource),
  }
}
