import { builtInKinds } from '../../kinds/index.ts'
import { cannotBeHandled } from '../../machinery/decode.ts'
import { describeJson } from '../../machinery/json-value.ts'
import type { KindRef } from '../../machinery/kind.ts'
import { badRequest, internalError, type StatusError } from '../../machinery/status-error.ts'
import { FORMER_KINDS, FORMER_LISTED_KINDS, GROUPS_OF_OTHERS } from './former-kinds.data.ts'

/** The names that a body gives itself, with what the request fills in. */
export interface BodyNames {
  readonly apiVersion: string
  readonly kind: string
}

/** So many bytes of a body that says not what it is are shown. */
const MOST_SHOWN = 30

/** What upstream's decoder reads first, as Go prints its type. */
const NAMES_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; ' +
  'Kind string "json:\\"kind,omitempty\\"" }'

/** Where upstream registers its kinds, which its messages name. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30'
const SCHEMES_OF_OTHERS: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55',
  'apiregistration.k8s.io': 'k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28',
}

/** Kinds that belong to every version of every group. */
const META_KINDS: ReadonlySet<string> = new Set([
  ...['WatchEvent', 'ListOptions', 'GetOptions', 'DeleteOptions'],
  ...['CreateOptions', 'UpdateOptions', 'PatchOptions'],
])
/** Kinds of no group, which are in v1 alone. */
const UNVERSIONED_KINDS: ReadonlySet<string> = new Set([
  ...['Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList'],
])

/**
 * Refuses a body that is not of the kind that a request expects, in upstream's words; what it does
 * not say of itself is taken from the request. `unreadable` is for what says nothing that can be
 * understood.
 */
export function checkBodyNames(
  kind: KindRef,
  value: unknown,
  unreadable: (why: string) => StatusError,
): void {
  const names = readBodyNames(kind, value, unreadable)
  const { apiVersion } = names
  const why = mismatch(kind, names)
  if (why !== undefined) {
    const { version } = splitVersion(apiVersion)
    throw cannotBeHandledAs(kind, { version, kind: names.kind }, why)
  }
  if (apiVersion === kind.apiVersion) return
  const expected = `the expected API version (${kind.apiVersion})`
  throw badRequest(`the API version in the data (${apiVersion}) does not match ${expected}`)
}

/** Why an object of these names is none of a kind, in whatever version of its group. */
function mismatch(kind: KindRef, names: BodyNames): string | undefined {
  const { apiVersion } = names
  if (apiVersion === kind.apiVersion && names.kind === kind.kind) return undefined
  const { group, version } = splitVersion(apiVersion)
  if (!isRegistered(names)) return notRegistered(names, kind.group)
  if (names.kind === kind.kind && hubOf(group, kind.kind) === hubOf(kind.group, kind.kind)) {
    return undefined
  }
  const to = `(${internalPackage(kind.group)}.${kind.kind})`
  return `converting (${version}.${names.kind}) to ${to}: unknown conversion`
}

/** A custom resource must say what it is; its kind is judged with the rest of it. */
export function checkCustomNames(
  kind: KindRef,
  value: unknown,
  bytes: Uint8Array,
  unreadable: (why: string) => StatusError,
): void {
  const names = readBodyNames({ apiVersion: '', kind: '' }, value ?? {}, unreadable)
  if (names.kind === '') {
    throw unreadable(`Object 'Kind' is missing in '${Buffer.from(bytes).toString()}'`)
  }
  if (names.apiVersion === kind.apiVersion) return
  const expected = `the expected API version (${kind.apiVersion})`
  throw badRequest(`the API version in the data (${names.apiVersion}) does not match ${expected}`)
}

/** Why a patched object is no more of its kind; undefined where it is. */
export function patchedKindFault(kind: KindRef, value: unknown): string | undefined {
  try {
    const names = readBodyNames(kind, value, badRequest)
    return mismatch(kind, names)
  } catch (error) {
    return (error as Error).message
  }
}

/** Refuses a patched custom resource that does not say what it is; `text` is its JSON. */
export function checkPatchedNames(
  value: unknown,
  text: () => string,
  unfit: (why: string) => StatusError,
): void {
  const names = readBodyNames({ apiVersion: '', kind: '' }, value, unfit)
  if (names.kind === '') throw unfit(`Object 'Kind' is missing in '${text()}'`)
  if (names.apiVersion !== '') return
  throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'")
}

/** The 400 for a body that does not even say what it is. */
export function unrecognized({ kind }: KindRef, why: string, bytes: Uint8Array): StatusError {
  const what = `the object provided is unrecognized (must be of type ${kind})`
  return badRequest(`${what}: ${why} (${summary(bytes)})`)
}

/** What a body says that it is, or the names of what is expected where it does not say. */
export function readBodyNames(
  expected: BodyNames,
  value: unknown,
  unreadable: (why: string) => StatusError,
): BodyNames {
  if (value === null || value === undefined) return expected
  const refuse = (why: string) =>
    unreadable(`couldn't get version/kind; json parse error: json: ${why}`)
  const type = describeJson(value)
  if (type !== 'object')
    throw refuse(`cannot unmarshal ${type} into Go value of type ${NAMES_TYPE}`)
  const fields = value as Readonly<Record<string, unknown>>
  const read = (name: string): string => {
    const text = fields[name] ?? ''
    if (typeof text === 'string') return text
    throw refuse(
      `cannot unmarshal ${describeJson(text)} into Go struct field .${name} of type string`,
    )
  }
  const apiVersion = read('apiVersion')
  const kind = read('kind')
  if (apiVersion.split('/').length > 2) {
    throw unreadable(`unexpected GroupVersion string: ${apiVersion}`)
  }
  return {
    apiVersion: apiVersion === '' ? expected.apiVersion : withoutEmptyGroup(apiVersion),
    kind: kind === '' ? expected.kind : kind,
  }
}

/** The start of a body: as it is where it looks like JSON, else in hexadecimal. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const start = Buffer.from(bytes.subarray(0, MOST_SHOWN))
  const text = start[0] === 0x7b ? start.toString('utf8') : start.toString('hex')
  return bytes.length > MOST_SHOWN ? `${text} ...` : text
}

function cannotBeHandledAs(
  expected: KindRef,
  given: { readonly version: string; readonly kind: string },
  why: string,
): Error {
  const { version, kind } = given
  if (kind === expected.kind) return cannotBeHandled(given, why)
  const what = `${kind} in version ${quote(version)} cannot be handled as a ${expected.kind}`
  return badRequest(`${what}: ${why}`)
}

let registered: ReadonlySet<string> | undefined

function isRegistered({ apiVersion, kind }: BodyNames): boolean {
  registered ??= new Set([
    ...builtInKinds.flatMap((one) => [
      `${one.apiVersion} ${one.kind}`,
      `${one.apiVersion} ${one.listKind}`,
    ]),
    ...namesOf(FORMER_KINDS, ['']),
    ...namesOf(FORMER_LISTED_KINDS, ['', 'List']),
  ])
  if (registered.has(`${apiVersion} ${kind}`)) return true
  if (apiVersion === 'v1' && UNVERSIONED_KINDS.has(kind)) return true
  return META_KINDS.has(kind) && builtInKinds.some((one) => one.apiVersion === apiVersion)
}

function namesOf(
  kinds: Readonly<Record<string, readonly string[]>>,
  endings: readonly string[],
): readonly string[] {
  return Object.entries(kinds).flatMap(([apiVersion, names]) =>
    names.flatMap((name) => endings.map((ending) => `${apiVersion} ${name}${ending}`)),
  )
}

/** The group whose types a kind has inside, where versions are converted. */
function hubOf(group: string, kind: string): string {
  return GROUPS_OF_OTHERS[`${group}/${kind}`] ?? group
}

function notRegistered({ apiVersion, kind }: BodyNames, group: string): string {
  const what = `no kind ${quote(kind)} is registered for version ${quote(apiVersion)}`
  return `${what} in scheme ${quote(SCHEMES_OF_OTHERS[group] ?? SCHEME)}`
}

/** `/v1` is `v1`: programs put a group and a version together, though the group has no name. */
function withoutEmptyGroup(apiVersion: string): string {
  return apiVersion.startsWith('/') ? apiVersion.slice(1) : apiVersion
}

function splitVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The Go package of a group's internal types. */
export function internalPackage(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core'
  if (group === 'internal.apiserver.k8s.io') return 'apiserverinternal'
  return group.split('.')[0] ?? ''
}

function quote(text: string): string {
  return JSON.stringify(text)
}
