import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { dns1035LabelErrors } from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import { validateCaBundle, validateWebhookClient } from '../../webhook-client-validation.ts'
import type { CustomResourceConversion } from './webhook-conversion.ts'

const REVIEW_VERSIONS = ['v1', 'v1beta1']

/** Whether a version of ConversionReview is known here. */
export function isKnownReview(version: string): boolean {
  return REVIEW_VERSIONS.includes(version)
}

/** How versions are converted. The paths are those of upstream's hub type, as clients see them. */
export function* validateConversion(
  { strategy, webhook }: CustomResourceConversion,
  options: { readonly requiresKnownReview: boolean; readonly allowsBadBundle: boolean },
  path: FieldPath,
): FieldErrors {
  yield* validateOneOf(strategy, ['None', 'Webhook'], path.child('strategy'))
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook ?? {}
  const clientPath = path.child('webhookClientConfig')
  const versionsPath = path.child('conversionReviewVersions')
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook'
    if (clientConfig !== undefined) yield forbidden(clientPath, why)
    if (versions.length > 0) yield forbidden(versionsPath, why)
    return
  }
  if (clientConfig === undefined) {
    yield required(clientPath, 'required when strategy is set to Webhook')
  } else {
    yield* validateWebhookClient(clientConfig, clientPath)
    if (clientConfig.caBundle && !options.allowsBadBundle) {
      yield* validateCaBundle(clientConfig.caBundle, clientPath.child('caBundle'))
    }
  }
  yield* validateReviewVersions(
    versions,
    REVIEW_VERSIONS,
    options.requiresKnownReview,
    versionsPath,
  )
}

/** Versions of a review that a webhook reads: labels, no two the same, one known here. */
export function* validateReviewVersions(
  versions: readonly string[],
  known: readonly string[],
  requiresKnown: boolean,
  path: FieldPath,
  detail = '',
): FieldErrors {
  if (versions.length === 0) {
    yield required(path, detail)
    return
  }
  const repeated = repeatedPlaces(versions)
  for (const [index, version] of versions.entries()) {
    const at = path.index(index)
    if (repeated.has(index)) yield invalid(at, version, 'duplicate version')
    else yield* invalids(at, version, dns1035LabelErrors(version))
  }
  if (requiresKnown && !versions.some((version) => known.includes(version))) {
    yield invalid(path, versions, `must include at least one of ${known.join(', ')}`)
  }
}
