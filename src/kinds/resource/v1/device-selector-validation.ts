import { compile } from '../../../cel/compile.ts'
import type { DeclaredType } from '../../../cel/declared-type.ts'
import { mapType, objectOf, SCALAR_TYPES, sizedType } from '../../../cel/declared-types.ts'
import type { Environment } from '../../../cel/environment.ts'
import { QUANTITY } from '../../../cel/functions/signature.ts'
import { KUBERNETES_ENVIRONMENT } from '../../../cel/kubernetes-environment.ts'
import { ANY, BOOL, formatType, isSameType } from '../../../cel/types.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'

const MOST_COST = 1_000_000
const MOST_ENTRIES = 32
const LONGEST_DOMAIN = 63
const LONGEST_ID = 32
const LONGEST_VALUE = 64

let known: Environment | undefined

/** What expressions that choose devices may use: the variable `device`. */
function deviceEnvironment(): Environment {
  known ??= KUBERNETES_ENVIRONMENT.extend({
    variables: {
      device: objectOf('kubernetes.DRADevice', {
        driver: sizedType('string', LONGEST_DOMAIN),
        attributes: byDomain({ type: ANY, maxElements: LONGEST_VALUE, minSerializedSize: 1 }),
        capacity: byDomain({ type: QUANTITY, maxElements: 0, minSerializedSize: 8 }),
        allowMultipleAllocations: SCALAR_TYPES.boolean,
      }),
    },
  })
  return known
}

/** Values by identifier, by domain. */
function byDomain(value: DeclaredType): DeclaredType {
  const keyed = (values: DeclaredType, longestKey: number): DeclaredType => ({
    ...mapType(values, MOST_ENTRIES),
    keys: sizedType('string', longestKey),
  })
  return keyed(keyed(value, LONGEST_ID), LONGEST_DOMAIN)
}

/** An expression that says of a device whether it is one of those that are wanted. */
export function* validateSelectorExpression(
  expression: string,
  path: FieldPath,
  _isStored: boolean,
): FieldErrors {
  const compiled = compile(deviceEnvironment(), expression)
  const { program } = compiled
  if (program === undefined) {
    const what = compiled.stage === 'program' ? 'program instantiation' : 'compilation'
    yield invalid(path, expression, `${what} failed: ${compiled.errors}`)
    return
  }
  const { resultType } = program
  if (!isSameType(resultType, BOOL) && !isSameType(resultType, ANY)) {
    const given = formatType(resultType)
    yield invalid(path, expression, `must evaluate to bool or the unknown type, not ${given}`)
  } else if (program.estimateCost().max > MOST_COST) {
    yield forbidden(path, 'too complex, exceeds cost limit')
  }
}
