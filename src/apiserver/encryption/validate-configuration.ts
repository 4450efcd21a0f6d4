import {
  type FieldError,
  FieldPath,
  invalid,
  invalidWithoutValue,
  required,
} from '../../machinery/field-error.ts'
import type {
  EncryptionConfiguration,
  EncryptionKey,
  EncryptionProvider,
} from './encryption-configuration.ts'
import { type GroupResource, parseGroupResource } from './group-resource.ts'
import { validateKms } from './kms/validate-kms.ts'

const AES_KEY_BYTES = [16, 24, 32]
const SECRETBOX_KEY_BYTES = [32]
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** What upstream stores without serving it. */
const NOT_SERVED = new Set([
  'apiserveripinfo',
  'serviceipallocations',
  'servicenodeportallocations',
])

/** What is wrong with an EncryptionConfiguration, by upstream's rules; keys are never shown. */
export function* validateConfiguration({
  resources: rules,
}: EncryptionConfiguration): Iterable<FieldError> {
  const root = FieldPath.root.child('resources')
  if (rules.length === 0) yield required(root, 'at least one resources is required')
  const kmsNames = new Set<string>()
  for (const [index, { resources, providers }] of rules.entries()) {
    const path = root.index(index)
    const names = path.child('resources')
    if (resources.length === 0) yield required(names, `at least one ${names} is required`)
    yield* validateOverlap(resources, names)
    for (const [position, name] of resources.entries()) {
      const problem = problemOfName(name)
      if (problem !== undefined) yield invalid(names.index(position), name, problem)
    }
    const below = path.child('providers')
    if (providers.length === 0) yield required(below, `at least one ${below} is required`)
    for (const [position, provider] of providers.entries()) {
      yield* validateProvider(provider, below.index(position), kmsNames)
    }
  }
}

function* validateOverlap(resources: readonly string[], path: FieldPath): Iterable<FieldError> {
  const parsed = resources.map(parseGroupResource)
  if (new Set(resources).size < resources.length) {
    yield invalid(path, resources, 'the same resource cannot be specified multiple times')
  }
  const masks = (one: GroupResource, other: GroupResource) =>
    one.resource === '*' && (one.group === '*' || one.group === other.group)
  const overlaps = parsed.some((one, i) => parsed.some((other, j) => i !== j && masks(one, other)))
  if (!overlaps) return
  yield invalid(
    path,
    resources,
    "using overlapping resources such as 'secrets' and '*.' in the same resource list is not " +
      'allowed as they will be masked',
  )
}

function problemOfName(name: string): string | undefined {
  if (name.toLowerCase() !== name) return 'resource name should not contain capital letters'
  if (name === '*') {
    return (
      "use '*.' to encrypt all the resources from core API group or *.* to encrypt all " +
      'resources'
    )
  }
  if (NOT_SERVED.has(name)) return 'resources which do not have REST API/s cannot be encrypted'
  const { group, resource } = parseGroupResource(name)
  if (group === 'events.k8s.io') {
    return (
      "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' " +
      'instead in the config file'
    )
  }
  if (group === 'extensions') {
    return "'extensions' group has been removed and cannot be used for encryption"
  }
  if (group === '*' && resource !== '*') {
    return 'encrypting the same resource across groups is not supported'
  }
  return undefined
}

function* validateProvider(
  provider: EncryptionProvider,
  path: FieldPath,
  kmsNames: Set<string>,
): Iterable<FieldError> {
  const { aesgcm, aescbc, secretbox, identity, kms } = provider
  const found = [aesgcm, aescbc, secretbox, identity, kms].filter((one) => one !== undefined)
  if (found.length === 0) {
    const expected = 'KMS, AESGCM, AESCBC, Secretbox, Identity'
    const why = `provider does not contain any of the expected providers: ${expected}`
    yield invalidWithoutValue(path, why)
  }
  if (found.length > 1) {
    const why =
      'more than one provider specified in a single element, should split into different list ' +
      'elements'
    yield invalidWithoutValue(path, why)
  }
  if (kms !== undefined) yield* validateKms(kms, path.child('kms'), kmsNames)
  yield* validateKeys(aesgcm?.keys, path.child('aesgcm', 'keys'), AES_KEY_BYTES)
  yield* validateKeys(aescbc?.keys, path.child('aescbc', 'keys'), AES_KEY_BYTES)
  yield* validateKeys(secretbox?.keys, path.child('secretbox', 'keys'), SECRETBOX_KEY_BYTES)
}

function* validateKeys(
  keys: readonly EncryptionKey[] | undefined,
  path: FieldPath,
  lengths: readonly number[],
): Iterable<FieldError> {
  if (keys === undefined) return
  if (keys.length === 0) yield required(path, 'at least one keys is required')
  for (const [index, { name, secret }] of keys.entries()) {
    const at = path.index(index)
    if (name === '') yield required(at.child('name'), 'name is a mandatory field for a key')
    const secretPath = at.child('secret')
    if (secret === '') {
      yield required(secretPath, 'secret is a mandatory field for a key')
      continue
    }
    if (!BASE64.test(secret)) {
      yield invalid(secretPath, 'REDACTED', 'secrets must be base64 encoded')
      continue
    }
    const { length } = Buffer.from(secret, 'base64')
    if (lengths.includes(length)) continue
    const expected = `got ${length}, expected one of [${lengths.join(' ')}]`
    yield invalid(secretPath, 'REDACTED', `secret is not of the expected length, ${expected}`)
  }
}
