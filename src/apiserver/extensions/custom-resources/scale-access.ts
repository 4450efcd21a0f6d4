import type { CustomResourceSubresourceScale } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import type { KubeObject, ScaleAccess } from '../../../machinery/kind.ts'
import { badRequest, internalError, StatusError } from '../../../machinery/status-error.ts'

/** What stands for replicas that were never said, while a Scale is on its way. */
const UNSET = -2_147_483_648

/** Where a custom resource has what its `scale` shows. */
export function scaleAccessOf({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath = '',
}: CustomResourceSubresourceScale): ScaleAccess<KubeObject> {
  const replicasPath = stepsOf(specReplicasPath)
  const statusPath = stepsOf(statusReplicasPath)
  const selectorPath = stepsOf(labelSelectorPath)
  return {
    replicasPath,
    replicas: (object) => numberAt(object, replicasPath) ?? UNSET,
    checkShown(object) {
      if (numberAt(object, replicasPath) !== undefined) return
      const what = `the spec replicas field ${JSON.stringify(specReplicasPath)}`
      throw internalError(new Error(`${what} does not exist`))
    },
    withReplicas(object, replicas) {
      if (replicas === UNSET) {
        const what = `the spec replicas field ${JSON.stringify(specReplicasPath)}`
        throw badRequest(`${what} cannot be empty`)
      }
      return withValueAt(object, replicasPath, replicas) as KubeObject
    },
    statusReplicas: (object) => numberAt(object, statusPath) ?? 0,
    selector: (object) => (labelSelectorPath === '' ? '' : textAt(object, selectorPath)),
  }
}

/** The names of a simple path such as `.spec.replicas`. */
export function stepsOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.')
}

/** What stands at a path; `error` where there is no object on the way, in upstream's words. */
function valueAt(
  object: unknown,
  path: readonly string[],
): { readonly value: unknown } | { readonly error: string } {
  let value: unknown = object
  for (const [index, name] of path.entries()) {
    if (value === undefined || (value === null && index > 0)) return { value: undefined }
    if (!isJsonObject(value)) {
      const at = `.${path.slice(0, index + 1).join('.')}`
      const what = `${at} accessor error: ${formatGo(value)} is of the type ${goTypeOf(value)}`
      return { error: `${what}, expected map[string]interface{}` }
    }
    value = Object.hasOwn(value, name) ? value[name] : undefined
  }
  return { value }
}

/** Undefined where there is nothing; throws 500 for what is no whole number. */
function numberAt(object: unknown, path: readonly string[]): number | undefined {
  const found = integerAt(object, path)
  if (typeof found === 'object') throw new StatusError('', found.error)
  return found
}

/** A whole number at a path; `error` for anything else that stands there. */
export function integerAt(
  object: unknown,
  path: readonly string[],
): number | undefined | { readonly error: string } {
  const found = valueAt(object, path)
  if ('error' in found) return found
  const { value } = found
  if (value === undefined) return undefined
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && Number.isInteger(value)) return value
  const what = `.${path.join('.')} accessor error: ${formatGo(value)}`
  return { error: `${what} is of the type ${goTypeOf(value)}, expected int64` }
}

/** A text at a path, '' for nothing; `error` for anything else that stands there. */
export function stringAt(
  object: unknown,
  path: readonly string[],
): string | { readonly error: string } {
  const found = valueAt(object, path)
  if ('error' in found) return found
  const { value } = found
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  const what = `.${path.join('.')} accessor error: ${formatGo(value)}`
  return { error: `${what} is of the type ${goTypeOf(value)}, expected string` }
}

function textAt(object: unknown, path: readonly string[]): string {
  const found = stringAt(object, path)
  if (typeof found !== 'string') throw new StatusError('', found.error)
  return found
}

function withValueAt(value: unknown, path: readonly string[], wanted: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return wanted
  const object = isJsonObject(value) ? value : {}
  const inner = Object.hasOwn(object, name) ? object[name] : undefined
  return { ...object, [name]: withValueAt(inner, rest, wanted) }
}

function goTypeOf(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    case 'object':
      return 'map[string]interface {}'
    default:
      return Number.isInteger(value) ? 'int64' : 'float64'
  }
}

/** Go's `%v` of an untyped value. */
function formatGo(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(formatGo).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const fields = Object.keys(value).sort()
  return `map[${fields.map((name) => `${name}:${formatGo(value[name])}`).join(' ')}]`
}
