import { JsonSyntaxError, parseJson } from '../../base/json.ts'
import { findFault } from '../../base/json-fault.ts'
import { parseJsonInSlices } from '../../base/json-slices.ts'
import { inSlices } from '../../base/slices.ts'
import { type DecodedDocument, MOST_DEPTH } from '../../machinery/codec/json.ts'
import { describeJson, isJsonObject } from '../../machinery/json-value.ts'
import { MAX_BODY_BYTES } from '../request.ts'

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

/** Longer texts are read with pauses in which others go on. */
const LONG_TEXT = 64 * 1024

/**
 * The body of a webhook's answer as an object, which may leave out what it is. Rejects with an
 * Error with upstream's text for what is no object, or is something else.
 */
export async function decodeReview(
  text: string,
  expected: ExpectedReview,
  readYaml: ReadYaml,
): Promise<Readonly<Record<string, unknown>>> {
  const json =
    text.length <= LONG_TEXT ? readShort(text) : await parseJsonInSlices(text, MOST_DEPTH)
  return checkReview(json === undefined ? await readOther(text, readYaml) : json.value, expected)
}

/** Reads YAML where that stops nobody else. */
export type ReadYaml = (text: string) => Promise<DecodedDocument>

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

/** Undefined for what is no JSON. */
function readShort(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJson(text) }
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

/**
 * Upstream's reader takes YAML where JSON is expected, and so most texts as a string: here no
 * longer ones than requests may send.
 */
async function readOther(text: string, readYaml: ReadYaml): Promise<unknown> {
  const failed = (why: string) => new Error(`couldn't get version/kind; json parse error: ${why}`)
  if (text.length > MAX_BODY_BYTES) {
    throw failed((await inSlices(findFault(Buffer.from(text)))) ?? 'it is too deep')
  }
  try {
    return (await readYaml(text)).value
  } catch (error) {
    throw failed((error as Error).message)
  }
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}
