import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  duplicate,
  type FieldError,
  type FieldErrors,
  FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateReviewVersions } from '../../apiextensions/v1/webhook-conversion-validation.ts'
import { validateWebhookClient } from '../../webhook-client-validation.ts'
import { validateMatchConditions } from './match-condition-validation.ts'
import type { MutatingWebhook } from './mutating-webhook-configuration.ts'
import { MATCH_POLICIES, validateRule } from './rule-validation.ts'
import type { ValidatingWebhook } from './validating-webhook-configuration.ts'

type Webhook = ValidatingWebhook & Partial<Pick<MutatingWebhook, 'reinvocationPolicy'>>

interface Configuration {
  readonly webhooks?: readonly Webhook[] | undefined
}

/** What a configuration that is there already may keep. */
interface Options {
  readonly checksConditions: boolean
  readonly requiresNoSideEffects: boolean
  readonly requiresKnownReview: boolean
  readonly requiresUniqueNames: boolean
  readonly allowsBadLabelValues: boolean
}

const NEW: Options = {
  checksConditions: true,
  requiresNoSideEffects: true,
  requiresKnownReview: true,
  requiresUniqueNames: true,
  allowsBadLabelValues: false,
}
const REVIEW_VERSIONS = ['v1', 'v1beta1']
export const FAILURE_POLICIES = ['Fail', 'Ignore']
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const HARMLESS = ['None', 'NoneOnDryRun']
const SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const MOST_SECONDS = 30
const BAD_LABEL_VALUE = /\.values\[\d+\]$/

/** Rules of new webhooks. */
export function validateWebhooks(configuration: Configuration, path: FieldPath): FieldErrors {
  return validateAll(configuration, NEW, path)
}

/** Rules of changed webhooks: what older servers accepted may stay. */
export function validateWebhooksUpdate(
  configuration: Configuration,
  old: Configuration,
  path: FieldPath,
): FieldErrors {
  const { webhooks = [] } = configuration
  const { webhooks: before = [] } = old
  const conditionsOf = (list: readonly Webhook[]) => list.map((hook) => hook.matchConditions)
  const options = {
    checksConditions: !deepEqual(conditionsOf(webhooks), conditionsOf(before)),
    requiresNoSideEffects: before.every(({ sideEffects }) => HARMLESS.includes(sideEffects)),
    requiresKnownReview: before.every(
      ({ admissionReviewVersions: versions }) =>
        versions.length === 0 || versions.some((version) => REVIEW_VERSIONS.includes(version)),
    ),
    requiresUniqueNames: new Set(before.map(({ name }) => name)).size === before.length,
    allowsBadLabelValues: before.some(
      (hook) => [...validateSelectors(hook, FieldPath.root)].length > 0,
    ),
  }
  return validateAll(configuration, options, path)
}

function* validateAll({ webhooks = [] }: Configuration, options: Options, path: FieldPath) {
  const seen = new Set<string>()
  for (const [index, webhook] of webhooks.entries()) {
    const at = path.child('webhooks').index(index)
    yield* validateWebhook(webhook, options, at)
    yield* validateReviewVersions(
      webhook.admissionReviewVersions,
      REVIEW_VERSIONS,
      options.requiresKnownReview,
      at.child('admissionReviewVersions'),
      `must specify one of ${REVIEW_VERSIONS.join(', ')}`,
    )
    const { name } = webhook
    if (!options.requiresUniqueNames || name === '') continue
    if (seen.has(name)) yield duplicate(at.child('name'), name)
    seen.add(name)
  }
}

function* validateWebhook(webhook: Webhook, options: Options, path: FieldPath): FieldErrors {
  yield* validateName(webhook.name, path.child('name'))
  for (const [index, rule] of (webhook.rules ?? []).entries()) {
    yield* validateRule(rule, path.child('rules').index(index))
  }
  yield* validatePolicy(webhook.failurePolicy, FAILURE_POLICIES, path.child('failurePolicy'))
  yield* validatePolicy(webhook.matchPolicy, MATCH_POLICIES, path.child('matchPolicy'))
  const allowed = options.requiresNoSideEffects ? HARMLESS : SIDE_EFFECTS
  const effects: string = webhook.sideEffects ?? ''
  if (effects === '') {
    yield required(path.child('sideEffects'), `must specify one of ${allowed.join(', ')}`)
  } else yield* validatePolicy(effects, allowed, path.child('sideEffects'))
  const { timeoutSeconds } = webhook
  if (timeoutSeconds < 1 || timeoutSeconds > MOST_SECONDS) {
    const why = `the timeout value must be between 1 and ${MOST_SECONDS} seconds`
    yield invalid(path.child('timeoutSeconds'), timeoutSeconds, why)
  }
  for (const error of validateSelectors(webhook, path)) {
    if (!options.allowsBadLabelValues || !isOfLabelValue(error)) yield error
  }
  const { reinvocationPolicy } = webhook
  if (reinvocationPolicy !== undefined) {
    const at = path.child('reinvocationPolicy')
    yield* validatePolicy(reinvocationPolicy, REINVOCATION_POLICIES, at)
  }
  yield* validateWebhookClient(webhook.clientConfig, path.child('clientConfig'))
  if (options.checksConditions) {
    yield* validateMatchConditions(webhook.matchConditions, false, path.child('matchConditions'))
  }
}

function* validateName(name: string, path: FieldPath): FieldErrors {
  const reasons = dns1123SubdomainErrors(name)
  if (name === '') yield required(path)
  else if (reasons.length > 0) yield invalid(path, name, reasons.join(','))
  else if (name.split('.').length < 3) {
    const why = 'should be a domain with at least three segments separated by dots'
    yield invalid(path, name, why)
  }
}

function* validatePolicy(value: string, known: readonly string[], path: FieldPath): FieldErrors {
  if (!known.includes(value)) yield notSupported(path, value, known)
}

function* validateSelectors(webhook: Webhook, path: FieldPath): FieldErrors {
  yield* collected(
    validateLabelSelector,
    webhook.namespaceSelector,
    path.child('namespaceSelector'),
  )
  yield* collected(validateLabelSelector, webhook.objectSelector, path.child('objectSelector'))
}

function isOfLabelValue({ field }: FieldError): boolean {
  return BAD_LABEL_VALUE.test(field)
}
