import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { qualifiedNameErrors } from '../../../machinery/names.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { LimitRange, LimitRangeItem } from './limit-range.ts'
import { isOvercommitAllowed } from './resource-names.ts'
import { validateContainerResourceName, validateResourceName } from './resource-validation.ts'

type Amount = 'max' | 'min' | 'default' | 'defaultRequest'

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

/** What may not be more than what, and whose value the error shows. */
const ORDER: readonly (readonly [Amount, Amount, Amount, string])[] = [
  ['min', 'max', 'min', 'min value A is greater than max value B'],
  [
    'min',
    'defaultRequest',
    'defaultRequest',
    'min value A is greater than default request value B',
  ],
  [
    'defaultRequest',
    'max',
    'defaultRequest',
    'default request value A is greater than max value B',
  ],
  [
    ...(['defaultRequest', 'default', 'defaultRequest'] as const),
    'default request value A is greater than default limit value B',
  ],
  ['min', 'default', 'default', 'min value A is greater than default value B'],
  ['default', 'max', 'default', 'default value A is greater than max value B'],
]

export function* validateLimitRange({ spec }: LimitRange, path: FieldPath): FieldErrors {
  const seen = new Set<string>()
  for (const [index, limit] of (spec.limits ?? []).entries()) {
    const itemPath = path.child('spec', 'limits').index(index)
    yield* validateType(limit.type, itemPath.child('type'))
    if (seen.has(limit.type)) yield duplicate(itemPath.child('type'), limit.type)
    seen.add(limit.type)
    yield* validateItem(limit, itemPath)
  }
}

function* validateType(type: string, path: FieldPath): FieldErrors {
  const errors = invalids(path, type, qualifiedNameErrors(type))
  yield* errors
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return
  yield invalid(path, type, 'must be a standard limit type or fully qualified')
}

function* validateItem(limit: LimitRangeItem, path: FieldPath): FieldErrors {
  const isPod = limit.type === 'Pod'
  const validateName =
    isPod || limit.type === 'Container' ? validateContainerResourceName : validateResourceName
  const names = new Set<string>()
  for (const list of LISTS) {
    const given = Object.keys(limit[list] ?? {})
    if (isPod && given.length > 0 && (list === 'default' || list === 'defaultRequest')) {
      yield forbidden(path.child(list), "may not be specified when `type` is 'Pod'")
      continue
    }
    for (const name of given) {
      names.add(name)
      yield* collected(validateName, name, path.child(list).key(name))
    }
  }
  const boundsStorage = limit.min?.['storage'] !== undefined || limit.max?.['storage'] !== undefined
  if (limit.type === 'PersistentVolumeClaim' && !boundsStorage) {
    const why = 'either minimum or maximum storage value is required, but neither was provided'
    yield required(path.child('limits'), why)
  }
  for (const name of names) yield* validateAmounts(limit, name, path)
}

function* validateAmounts(limit: LimitRangeItem, name: string, path: FieldPath): FieldErrors {
  const isPod = limit.type === 'Pod'
  const amountOf = (list: Amount) => {
    const isIgnored = isPod && (list === 'default' || list === 'defaultRequest')
    return isIgnored ? undefined : limit[list]?.[name]
  }
  for (const [less, more, where, why] of ORDER) {
    const [small, large] = [amountOf(less), amountOf(more)]
    if (small === undefined || large === undefined) continue
    if (parseQuantity(small).compare(parseQuantity(large)) <= 0) continue
    // Upstream shows the bound, not the default, where a limit's default breaks it.
    const shown = where === 'default' ? (less === 'min' ? small : large) : amountOf(where)
    const detail = why.replace('A', () => small).replace('B', () => large)
    yield invalid(path.child(where).key(name), shown, detail)
  }
  yield* validateRatio(limit, name, path.child('maxLimitRequestRatio').key(name))
  const [value, request] = [amountOf('default'), amountOf('defaultRequest')]
  if (isOvercommitAllowed(name) || value === undefined || request === undefined) return
  if (parseQuantity(value).compare(parseQuantity(request)) === 0) return
  const why = `default value ${value} must equal to defaultRequest value ${request} in ${name}`
  yield invalid(path.child('defaultRequest').key(name), request, why)
}

function* validateRatio(limit: LimitRangeItem, name: string, path: FieldPath): FieldErrors {
  const text = limit.maxLimitRequestRatio?.[name]
  if (text === undefined) return
  const ratio = parseQuantity(text)
  if (ratio.compare(parseQuantity('1')) < 0) {
    yield invalid(path, text, `ratio ${text} is less than 1`)
  }
  const [min, max] = [limit.min?.[name], limit.max?.[name]]
  if (min === undefined || max === undefined) return
  const most = parseQuantity(max).toNumber() / parseQuantity(min).toNumber()
  if (ratio.toNumber() <= most) return
  yield invalid(path, text, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`)
}
