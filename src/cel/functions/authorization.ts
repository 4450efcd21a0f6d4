import { labelNameErrors, subdomainNameErrors } from '../../machinery/names.ts'
import type { AuthorizationQuestion, Decisions } from '../authorization.ts'
import type { CelType } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import { Opaque } from '../values/opaque.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, member } from './function.ts'
import { AUTHORIZER, DECISION, GROUP_CHECK, PATH_CHECK, RESOURCE_CHECK } from './signature.ts'

/** A value of the library that nothing but its functions can do anything with. */
abstract class AuthorizationValue extends Opaque {
  equals(other: CelValue): boolean | CelError {
    return other instanceof AuthorizationValue ? this === other : NO_SUCH_OVERLOAD
  }

  toJson(): unknown {
    return null
  }
}

/** The variable `authorizer`: whoever asks, or one of the service accounts. */
export class AuthorizerValue extends AuthorizationValue {
  readonly decisions: Decisions
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined

  constructor(decisions: Decisions, serviceAccount?: AuthorizerValue['serviceAccount']) {
    super()
    this.decisions = decisions
    this.serviceAccount = serviceAccount
  }

  get type(): CelType {
    return AUTHORIZER
  }
}

/** A question that lacks its verb: about a path or about a resource. */
class CheckValue extends AuthorizationValue {
  readonly type: CelType
  readonly authorizer: AuthorizerValue
  readonly question: Omit<AuthorizationQuestion, 'verb' | 'serviceAccount'>

  constructor(type: CelType, authorizer: AuthorizerValue, question: CheckValue['question']) {
    super()
    this.type = type
    this.authorizer = authorizer
    this.question = question
  }

  with(question: CheckValue['question']): CheckValue {
    return new CheckValue(this.type, this.authorizer, { ...this.question, ...question })
  }

  check(verb: string): Outcome {
    const { decisions, serviceAccount } = this.authorizer
    return new DecisionValue(decisions.decide({ ...this.question, verb, serviceAccount }))
  }
}

/** A group whose resource is still to be named. */
class GroupCheckValue extends AuthorizationValue {
  readonly authorizer: AuthorizerValue
  readonly group: string

  constructor(authorizer: AuthorizerValue, group: string) {
    super()
    this.authorizer = authorizer
    this.group = group
  }

  get type(): CelType {
    return GROUP_CHECK
  }
}

type Answer = ReturnType<Decisions['decide']>

/** What an authorizer said. */
class DecisionValue extends AuthorizationValue {
  readonly answer: Answer

  constructor(answer: Answer) {
    super()
    this.answer = answer
  }

  get type(): CelType {
    return DECISION
  }
}

/** The value of `authorizer.requestResource`: the check of what a request is for. */
export function resourceCheck(
  authorizer: AuthorizerValue,
  question: CheckValue['question'],
): CelValue {
  return new CheckValue(RESOURCE_CHECK, authorizer, question)
}

const isBlank = (text: string) => text.trim() === ''

function path(authorizer: AuthorizerValue, text: string): Outcome {
  if (isBlank(text)) return new CelError('path must not be empty')
  return new CheckValue(PATH_CHECK, authorizer, { path: text })
}

function serviceAccount(authorizer: AuthorizerValue, namespace: string, name: string): Outcome {
  if (subdomainNameErrors(name, false).length > 0) {
    return new CelError('Invalid service account name')
  }
  if (labelNameErrors(namespace, false).length > 0) {
    return new CelError('Invalid service account namespace')
  }
  return new AuthorizerValue(authorizer.decisions, { namespace, name })
}

function resource({ authorizer, group }: GroupCheckValue, name: string): Outcome {
  if (isBlank(name)) return new CelError('resource must not be empty')
  return new CheckValue(RESOURCE_CHECK, authorizer, { group, resource: name })
}

type Detail = 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector'

const detail = (name: Detail, id: string) =>
  member(name, id, '(ResourceCheck, string) -> ResourceCheck', (check: CheckValue, text: string) =>
    check.with({ [name]: text }),
  )

const check = (value: CheckValue, verb: string): Outcome => value.check(verb)

const ofDecision =
  (read: (answer: Answer) => Outcome) =>
  ({ answer }: DecisionValue): Outcome =>
    read(answer)

/** Kubernetes' library that asks the server's authorizer. */
export const AUTHORIZATION_FUNCTIONS: readonly CelFunction[] = [
  member('path', 'authorizer_path', '(Authorizer, string) -> PathCheck', path),
  member(
    'group',
    'authorizer_group',
    '(Authorizer, string) -> GroupCheck',
    (authorizer: AuthorizerValue, group: string) => new GroupCheckValue(authorizer, group),
  ),
  member(
    'serviceAccount',
    'authorizer_serviceaccount',
    '(Authorizer, string, string) -> Authorizer',
    serviceAccount,
  ),
  member('resource', 'groupcheck_resource', '(GroupCheck, string) -> ResourceCheck', resource),
  detail('subresource', 'resourcecheck_subresource'),
  detail('namespace', 'resourcecheck_namespace'),
  detail('name', 'resourcecheck_name'),
  detail('fieldSelector', 'authorizer_fieldselector'),
  detail('labelSelector', 'authorizer_labelselector'),
  member('check', 'pathcheck_check', '(PathCheck, string) -> Decision', check),
  member('check', 'resourcecheck_check', '(ResourceCheck, string) -> Decision', check),
  member(
    'errored',
    'decision_errored',
    '(Decision) -> bool',
    ofDecision(({ error }) => error !== undefined),
  ),
  member(
    'error',
    'decision_error',
    '(Decision) -> string',
    ofDecision(({ error }) => error ?? ''),
  ),
  member(
    'allowed',
    'decision_allowed',
    '(Decision) -> bool',
    ofDecision(({ isAllowed }) => isAllowed),
  ),
  member(
    'reason',
    'decision_reason',
    '(Decision) -> string',
    ofDecision(({ reason }) => reason),
  ),
]
