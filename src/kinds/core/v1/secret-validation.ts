import { JsonSyntaxError, parseJson } from '../../../base/json.ts'
import { jsonFault } from '../../../base/json-fault.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { describeJson, isJsonObject } from '../../../machinery/json-value.ts'
import { configMapKeyErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { bytesOfBase64, IMMUTABLE, MOST_DATA_BYTES } from './config-map-validation.ts'
import type { Secret } from './secret.ts'

const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name'

export function* validateSecret(secret: Secret, path: FieldPath): FieldErrors {
  const { data = {} } = secret
  const dataPath = path.child('data')
  let bytes = 0
  for (const key of Object.keys(data)) {
    const reasons = configMapKeyErrors(key)
    if (reasons.length > 0) yield* invalids(dataPath.key(key), key, reasons)
    bytes += bytesOfBase64(data[key] ?? '')
  }
  if (bytes > MOST_DATA_BYTES) yield tooLong(dataPath, MOST_DATA_BYTES)
  yield* validateByType(secret, path)
}

export function* validateSecretUpdate(secret: Secret, old: Secret, path: FieldPath): FieldErrors {
  yield* validateImmutable(secret.type, old.type, path.child('type'))
  if (old.immutable === true) {
    if (secret.immutable !== true) yield forbidden(path.child('immutable'), IMMUTABLE)
    if (!deepEqual(secret.data, old.data)) yield forbidden(path.child('data'), IMMUTABLE)
  }
  yield* validateSecret(secret, path)
}

/** Some types promise what is in the secret. */
function* validateByType({ type, data = {}, metadata }: Secret, path: FieldPath): FieldErrors {
  const keyPath = (key: string) => path.child('data').key(key)
  const has = (key: string) => Object.hasOwn(data, key)
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[SERVICE_ACCOUNT_NAME]) {
        yield required(path.child('metadata', 'annotations').key(SERVICE_ACCOUNT_NAME))
      }
      break
    case 'kubernetes.io/dockercfg':
      yield* validateJsonObject(data['.dockercfg'], keyPath('.dockercfg'))
      break
    case 'kubernetes.io/dockerconfigjson':
      yield* validateJsonObject(data['.dockerconfigjson'], keyPath('.dockerconfigjson'))
      break
    case 'kubernetes.io/basic-auth':
      if (!has('username') && !has('password')) {
        yield required(keyPath('username'))
        yield required(keyPath('password'))
      }
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) yield required(keyPath('ssh-privatekey'))
      break
    case 'kubernetes.io/tls':
      if (!has('tls.crt')) yield required(keyPath('tls.crt'))
      if (!has('tls.key')) yield required(keyPath('tls.key'))
      break
  }
}

/** The contents are never shown, since they are a secret. */
function* validateJsonObject(base64: string | undefined, path: FieldPath): FieldErrors {
  if (base64 === undefined) {
    yield required(path)
    return
  }
  const why = jsonObjectError(Buffer.from(base64, 'base64').toString('utf8'))
  if (why !== undefined) yield invalid(path, '<secret contents redacted>', why)
}

function jsonObjectError(text: string): string | undefined {
  try {
    const value = parseJson(text)
    if (value === null || isJsonObject(value)) return undefined
    const type = 'map[string]interface {}'
    return `json: cannot unmarshal ${describeJson(value)} into Go value of type ${type}`
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    return jsonFault(text) ?? 'invalid JSON'
  }
}
