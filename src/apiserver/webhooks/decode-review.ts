import { JsonSyntaxError, parseJson } from '../../base/json.ts'
import { decodeYaml } from '../../machinery/codec/yaml.ts'
import { describeJson, isJsonObject } from '../../machinery/json-value.ts'

/** The review that an answer must be. */
export interface ExpectedReview {
  /** Such as `admission.k8s.io/v1`. */
  readonly apiVersion: string
  readonly kind: string
  /** Other versions of it that upstream's client knows, though it takes none of them. */
  readonly otherVersions: readonly string[]
}

/** Where upstream registers the reviews, which its message names. */
const SCHEME = 'k8s.io/apiserver/pkg/util/webhook/client.go:71'
const NAMES =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/**
 * The body of a webhook's answer as an object, which may leave out what it is. Throws an Error with
 * upstream's text for what is no object, or is something else.
 */
export function decodeReview(
  text: string,
  expected: ExpectedReview,
): Readonly<Record<string, unknown>> {
  return checkReview(readDocument(text), expected)
}

/** An answer that is decoded already, as `decodeReview` gives it. */
export function checkReview(
  value: unknown,
  expected: ExpectedReview,
): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) {
    const what = `json: cannot unmarshal ${describeJson(value)} into Go value of type ${NAMES}`
    throw new Error(`couldn't get version/kind; json parse error: ${what}`)
  }
  const { apiVersion = '', kind = '' } = value as Record<string, unknown>
  const isExpected =
    (apiVersion === '' || apiVersion === expected.apiVersion) &&
    (kind === '' || kind === expected.kind)
  if (isExpected) return value
  const isKnown =
    (kind === 'Status' && apiVersion === 'v1') ||
    ((kind === '' || kind === expected.kind) && expected.otherVersions.includes(String(apiVersion)))
  if (isKnown) {
    const from = `${versionOf(String(apiVersion))}.${kind}`
    const to = `${versionOf(expected.apiVersion)}.${expected.kind}`
    throw new Error(`converting (${from}) to (${to}): unknown conversion`)
  }
  const what = `no kind ${JSON.stringify(kind)} is registered for version`
  throw new Error(`${what} ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`)
}

/** Upstream's reader takes YAML where JSON is expected, and so most texts as a string. */
function readDocument(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
  }
  try {
    return decodeYaml(text, { findDuplicates: false }).value
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`)
  }
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}
