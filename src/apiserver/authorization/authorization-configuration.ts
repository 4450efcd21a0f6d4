import { parseDuration } from '../../machinery/duration.ts'
import {
  duplicate,
  type FieldErrors,
  FieldPath,
  formatFieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../machinery/names.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../read-configuration.ts'
import { compileReviewCondition } from './review-conditions.ts'

const Webhook = s.struct('apiserver.config.v1.WebhookConfiguration', {
  authorizedTTL: s.string().default('5m0s'),
  cacheAuthorizedRequests: s.bool().default(true).pointer(),
  unauthorizedTTL: s.string().default('30s'),
  cacheUnauthorizedRequests: s.bool().default(true).pointer(),
  timeout: s.string().default(''),
  subjectAccessReviewVersion: s.string().default(''),
  matchConditionSubjectAccessReviewVersion: s.string().default(''),
  failurePolicy: s.string().default(''),
  connectionInfo: s
    .struct('apiserver.config.v1.WebhookConnectionInfo', {
      type: s.string().default(''),
      kubeConfigFile: s.string().optional(),
    })
    .default({}),
  matchConditions: s
    .list(
      s.struct('apiserver.config.v1.WebhookMatchCondition', { expression: s.string().default('') }),
    )
    .default([]),
})

const AuthorizationConfiguration = s.struct('apiserver.config.v1.AuthorizationConfiguration', {
  authorizers: s
    .list(
      s.struct('apiserver.config.v1.AuthorizerConfiguration', {
        type: s.string().default(''),
        name: s.string().default(''),
        webhook: Webhook.optional(),
      }),
    )
    .default([]),
})
type Configuration = Infer<typeof AuthorizationConfiguration>
type WebhookFields = Infer<typeof Webhook>

/** The modes that need nothing but their name. */
const PLAIN_MODES = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC'] as const
export type PlainMode = (typeof PLAIN_MODES)[number]
const MOST_CONDITIONS = 64
const KNOWN: readonly string[] = [...PLAIN_MODES, 'Webhook'].toSorted()

/** How a webhook is asked who may do what. Times in milliseconds. */
export interface WebhookSettings {
  /** A kubeconfig file, absolute. */
  readonly kubeconfigPath: string
  readonly timeoutMs: number
  readonly authorizedTtlMs: number
  readonly unauthorizedTtlMs: number
  readonly version: string
  readonly onFailure: 'NoOpinion' | 'Deny'
  readonly matchConditions?: readonly string[]
}

/** One step of the chain of authorizers. */
export type AuthorizerSetting = { readonly name: string } & (
  | { readonly type: PlainMode }
  | { readonly type: 'Webhook'; readonly webhook: WebhookSettings }
)

const sort: ConfigurationSort<Configuration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((one) => `apiserver.config.k8s.io/${one}`),
  kind: 'AuthorizationConfiguration',
  schema: AuthorizationConfiguration,
}

/** Reads an AuthorizationConfiguration file. Throws with all that is wrong with it. */
export async function parseAuthorizationConfiguration(
  text: string,
): Promise<readonly AuthorizerSetting[]> {
  const configuration = await readConfiguration(text, sort)
  const errors = [...validate(configuration)]
  if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
  return configuration.authorizers.map(({ type, name, webhook }) =>
    webhook === undefined
      ? { type: type as PlainMode, name }
      : { type: 'Webhook', name, webhook: settingsOf(webhook) },
  )
}

/** The chain of `--authorization-mode`. Throws for a mode that there is not, or is there twice. */
export function authorizersOfModes(
  modes: readonly string[],
  webhook: WebhookSettings | undefined,
): readonly AuthorizerSetting[] {
  if (modes.length === 0) {
    throw new Error('at least one authorization-mode must be passed')
  }
  return modes.map((mode, index) => {
    if (!KNOWN.includes(mode)) {
      throw new Error(
        `authorization-mode ${JSON.stringify(mode)} is not a valid mode: use ${KNOWN.join(', ')}`,
      )
    }
    if (modes.indexOf(mode) < index) {
      throw new Error(
        `authorization-mode ${JSON.stringify(modes)} has mode specified more than once`,
      )
    }
    const name = mode.toLowerCase()
    if (mode !== 'Webhook') return { type: mode as PlainMode, name }
    if (webhook === undefined) {
      throw new Error("authorization-mode Webhook's authorization config file not passed")
    }
    return { type: 'Webhook', name, webhook }
  })
}

function* validate({ authorizers }: Configuration): FieldErrors {
  const root = FieldPath.root.child('authorizers')
  if (authorizers.length === 0) {
    yield required(root, 'at least one authorization mode must be defined')
  }
  const [types, names] = [new Set<string>(), new Set<string>()]
  for (const [index, { type, name, webhook }] of authorizers.entries()) {
    const path = root.index(index)
    if (type === '') yield required(path.child('type'))
    else if (!KNOWN.includes(type)) yield notSupported(path.child('type'), type, KNOWN)
    else if (types.has(type) && type !== 'Webhook') yield duplicate(path.child('type'), type)
    types.add(type)
    const nameErrors = dns1123SubdomainErrors(name)
    if (name === '') yield required(path.child('name'))
    else if (names.has(name)) yield duplicate(path.child('name'), name)
    else if (nameErrors.length > 0) {
      const why = `authorizer name is invalid: ${nameErrors.join(', ')}`
      yield invalid(path.child('name'), name, why)
    }
    names.add(name)
    if (type === 'Webhook') {
      if (webhook === undefined) yield required(path.child('webhook'), 'required when type=Webhook')
      else yield* validateWebhook(webhook, path)
    } else if (webhook !== undefined) {
      yield invalid(path.child('webhook'), 'non-null', 'may only be specified when type=Webhook')
    }
  }
}

function* validateWebhook(webhook: WebhookFields, path: FieldPath): FieldErrors {
  yield* validateTime(webhook.timeout, path.child('timeout'), 30_000, 'must be > 0s and <= 30s')
  for (const field of ['authorizedTTL', 'unauthorizedTTL'] as const) {
    const most = Number.POSITIVE_INFINITY
    yield* validateTime(webhook[field], path.child(field), most, 'must be > 0s')
  }
  const { subjectAccessReviewVersion: version, failurePolicy, connectionInfo } = webhook
  yield* validateWord(version, path.child('subjectAccessReviewVersion'), ['v1', 'v1beta1'])
  yield* validateWord(failurePolicy, path.child('failurePolicy'), ['NoOpinion', 'Deny'])
  const connection = path.child('connectionInfo')
  yield* validateWord(connectionInfo.type, connection.child('type'), ['KubeConfigFile'])
  const { kubeConfigFile = '' } = connectionInfo
  const filePath = connection.child('kubeConfigFile')
  if (kubeConfigFile === '') yield required(filePath)
  else if (!kubeConfigFile.startsWith('/')) {
    yield invalid(filePath, kubeConfigFile, 'must be an absolute path')
  }
  yield* validateConditions(webhook, path)
}

function* validateConditions(webhook: WebhookFields, path: FieldPath): FieldErrors {
  const { matchConditions, matchConditionSubjectAccessReviewVersion: version } = webhook
  const versionPath = path.child('matchConditionSubjectAccessReviewVersion')
  if (version === '') {
    if (matchConditions.length > 0) {
      yield required(versionPath, 'required if match conditions are specified')
    }
  } else if (version !== 'v1') yield notSupported(versionPath, version, ['v1'])
  const conditions = path.child('matchConditions')
  if (matchConditions.length > MOST_CONDITIONS) {
    yield tooMany(conditions, matchConditions.length, MOST_CONDITIONS)
    return
  }
  const known = new Set<string>()
  for (const [index, { expression }] of matchConditions.entries()) {
    const at = conditions.index(index).child('expression')
    if (expression.trim() === '') yield required(at)
    else if (known.has(expression)) yield duplicate(at, expression)
    else {
      known.add(expression)
      const { problem } = compileReviewCondition(expression)
      if (problem !== undefined) yield invalid(at, expression, problem)
    }
  }
}

function* validateTime(text: string, path: FieldPath, mostMs: number, rule: string): FieldErrors {
  if (text === '' || text === '0s' || text === '0') {
    yield required(path)
    return
  }
  let ms: number
  try {
    ms = parseDuration(text)
  } catch (error) {
    yield invalid(path, text, (error as Error).message)
    return
  }
  if (ms <= 0 || ms > mostMs) yield invalid(path, text, rule)
}

function* validateWord(text: string, path: FieldPath, known: readonly string[]): FieldErrors {
  if (text === '') yield required(path)
  else if (!known.includes(text)) yield notSupported(path, text, known)
}

function settingsOf(webhook: WebhookFields): WebhookSettings {
  const { cacheAuthorizedRequests, cacheUnauthorizedRequests, failurePolicy } = webhook
  const expressions = webhook.matchConditions.map(({ expression }) => expression)
  return {
    kubeconfigPath: webhook.connectionInfo.kubeConfigFile ?? '',
    timeoutMs: parseDuration(webhook.timeout),
    authorizedTtlMs: cacheAuthorizedRequests ? parseDuration(webhook.authorizedTTL) : 0,
    unauthorizedTtlMs: cacheUnauthorizedRequests ? parseDuration(webhook.unauthorizedTTL) : 0,
    version: webhook.subjectAccessReviewVersion,
    onFailure: failurePolicy === 'Deny' ? 'Deny' : 'NoOpinion',
    ...(expressions.length > 0 && { matchConditions: expressions }),
  }
}
