import { DurationSyntaxError, parseDuration } from '../../../machinery/duration.ts'
import {
  type FieldError,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import type { KmsConfiguration } from '../encryption-configuration.ts'

/** Where a file names no version, upstream takes this one. */
const DEFAULT_VERSION = 'v1'
const DEFAULT_TIMEOUT = '3s'

/** How long a call may take; undefined for what is no duration. */
export function timeoutMsOf({ timeout = DEFAULT_TIMEOUT }: KmsConfiguration): number | undefined {
  try {
    return parseDuration(timeout)
  } catch (error) {
    if (!(error instanceof DurationSyntaxError)) throw error
    return undefined
  }
}

/**
 * What is wrong with a key management service, by upstream's rules. `names` are those of the
 * services before it. Version v1 is refused as by upstream, which has it switched off.
 */
export function* validateKms(
  kms: KmsConfiguration,
  path: FieldPath,
  names: Set<string>,
): Iterable<FieldError> {
  const { name, cachesize, apiVersion = DEFAULT_VERSION } = kms
  const namePath = path.child('name')
  if (name === '') yield required(namePath, 'name is a mandatory field for a provider')
  if (name.includes(':')) {
    yield invalid(namePath, name, `invalid KMS provider name ${name}, must not contain ':'`)
  }
  if (names.has(name)) {
    yield invalid(namePath, name, `duplicate KMS provider name ${name}, names must be unique`)
  }
  names.add(name)
  const timeoutMs = timeoutMsOf(kms)
  if (timeoutMs === undefined || timeoutMs <= 0) {
    yield invalid(path.child('timeout'), kms.timeout, 'timeout should be a positive value')
  }
  yield* validateEndpoint(kms, path.child('endpoint'))
  if (apiVersion !== 'v1' && cachesize !== undefined) {
    yield invalid(path.child('cachesize'), cachesize, 'cachesize is not supported in v2')
  }
  const versionPath = path.child('apiVersion')
  if (apiVersion === 'v1') {
    const why =
      'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2'
    yield invalid(versionPath, apiVersion, `${why} instead.`)
  } else if (apiVersion !== 'v2') {
    const why = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported'
    yield invalid(versionPath, apiVersion, why)
  }
}

function* validateEndpoint({ endpoint }: KmsConfiguration, path: FieldPath): Iterable<FieldError> {
  if (endpoint === '') {
    yield invalid(path, '', 'endpoint is a mandatory field for a kms')
    return
  }
  if (!URL.canParse(endpoint)) {
    yield invalid(path, endpoint, `invalid endpoint for kms provider, error: ${endpoint} is no URL`)
    return
  }
  const scheme = new URL(endpoint).protocol.slice(0, -1)
  if (scheme === 'unix') return
  const why = `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`
  yield invalid(path, endpoint, why)
}
