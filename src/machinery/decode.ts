import { type DecodedDocument, MOST_PROBLEMS } from './codec/json.ts'
import { type Decoder, DecodeState, decoderOf, objectDecoderOf } from './decode-node.ts'
import type { Kind, KindRef, KubeObject } from './kind.ts'
import type { SchemaNode } from './schema.ts'
import { badRequest } from './status-error.ts'

/** A value that has been read, with what a strict reader would have refused. */
export interface Decoded<T> {
  readonly value: T
  /** Such as `unknown field "spec.foo"`, in the order of the document. */
  readonly problems: readonly string[]
}

/** Raised for a value that does not fit its schema; the messages are those of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/**
 * Reads an untyped JSON value by its schema: drops unknown fields and nulls, fills in zero values
 * and defaults, brings scalars into their canonical form. What needs no change is shared with the
 * input. Throws DecodeError.
 */
export function decodeValue(node: SchemaNode, value: unknown): Decoded<unknown> {
  return run(decoderOf(node), value)
}

/**
 * Reads a stored object of a kind. Throws the BadRequest that upstream answers for what cannot be
 * read as this kind, or what `refuse` makes of the reason. An absent apiVersion, kind and
 * metadata are filled in.
 */
export function decodeObject<T extends KubeObject>(
  kind: Kind<T>,
  value: unknown,
  refuse: (kind: Kind<T>, why: string) => Error = cannotBeHandled,
): Decoded<T> {
  if (kind.custom !== undefined) return kind.custom.decode(value) as Decoded<T>
  checkKind(kind, value)
  try {
    const decoded = run(objectDecoderOf(kind.schema), value)
    return { value: withKind(kind, decoded.value as T), problems: decoded.problems }
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(kind, error.message)
    throw error
  }
}

/** The BadRequest for an object that cannot be read: `Pod in version "v1" cannot be ...`. */
export function cannotBeHandled(
  kind: { readonly version: string; readonly kind: string },
  why: string,
): Error {
  const { version, kind: name } = kind
  return badRequest(`${name} in version "${version}" cannot be handled as a ${name}: ${why}`)
}

/** The BadRequest for problems found under strict field validation. */
export function strictDecodingError(
  kind: { readonly version: string; readonly kind: string },
  problems: readonly string[],
): Error {
  return cannotBeHandled(kind, `strict decoding error: ${problems.join(', ')}`)
}

const DUPLICATE = 'duplicate field '
const UNKNOWN = 'unknown field '
/** After all whose place is known. */
const LAST = Number.MAX_SAFE_INTEGER

/**
 * What strict field validation reports: the duplicates of the document and the unknown fields of
 * the object, in JSON as a reader meets them. Of what is in an unknown field, upstream reports
 * nothing more.
 */
export function strictProblems(
  { problems, places }: Omit<DecodedDocument, 'value'>,
  decoded: readonly string[],
): readonly string[] {
  if (problems.length === 0) return decoded
  const unknown = decoded.map((problem) => pathIn(problem, UNKNOWN))
  const isInside = (path: string) =>
    unknown.some((one) => one === path || path.startsWith(`${one}.`) || path.startsWith(`${one}[`))
  const duplicates = problems.filter((problem) => !isInside(pathIn(problem, DUPLICATE)))
  const all = [...duplicates, ...decoded]
  if (places === undefined) return all
  const placeOf = (problem: string) =>
    problem.startsWith(DUPLICATE)
      ? places.again.get(pathIn(problem, DUPLICATE))
      : places.first.get(pathIn(problem, UNKNOWN))
  const byPlace = (a: string, b: string) => (placeOf(a) ?? LAST) - (placeOf(b) ?? LAST)
  return all.toSorted(byPlace).slice(0, MOST_PROBLEMS)
}

function pathIn(problem: string, prefix: string): string {
  return problem.startsWith(prefix) ? (JSON.parse(problem.slice(prefix.length)) as string) : problem
}

function run(decoder: Decoder, value: unknown): Decoded<unknown> {
  const state = new DecodeState()
  const decoded = decoder(value, state)
  if (state.failure !== undefined) throw new DecodeError(state.failure.toString())
  return { value: decoded, problems: state.problems.map(({ text }) => text) }
}

function checkKind(kind: KindRef, value: unknown): void {
  const { apiVersion = '', kind: name = '' } = (value ?? {}) as Record<string, unknown>
  if (typeof apiVersion !== 'string' || typeof name !== 'string') return
  const isOther = apiVersion !== '' && apiVersion !== kind.apiVersion
  // A group without a name may still be parted from its version.
  if (isOther && apiVersion !== `/${kind.apiVersion}`) {
    const expected = `the expected API version (${kind.apiVersion})`
    throw badRequest(`the API version in the data (${apiVersion}) does not match ${expected}`)
  }
  if (name !== '' && name !== kind.kind) {
    throw badRequest(
      `${name} in version "${kind.version}" cannot be handled as a ${kind.kind}: ` +
        `converting (${kind.version}.${name}) to (${kind.version}.${kind.kind}): ` +
        'unknown conversion',
    )
  }
}

function withKind<T extends KubeObject>(kind: Kind<T>, object: T): T {
  const { apiVersion, kind: name, metadata } = object as Partial<T>
  if (apiVersion === kind.apiVersion && name === kind.kind && metadata !== undefined) return object
  return { ...object, apiVersion: kind.apiVersion, kind: kind.kind, metadata: metadata ?? {} }
}
