import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateDomainPath } from '../../core/v1/field-rules.ts'
import type { IngressClass, IngressClassParametersReference } from './ingress-class.ts'
import { validateLocalReference } from './ingress-validation.ts'

const MOST_CONTROLLER_BYTES = 250
const SCOPES = ['Cluster', 'Namespace']

export function* validateIngressClass({ spec }: IngressClass, path: FieldPath): FieldErrors {
  const { controller = '', parameters } = spec
  const controllerPath = path.child('spec', 'controller')
  if (Buffer.byteLength(controller) > MOST_CONTROLLER_BYTES) {
    yield tooLong(controllerPath, MOST_CONTROLLER_BYTES)
  }
  yield* validateDomainPath(controller, controllerPath)
  if (parameters !== undefined) {
    yield* validateParameters(parameters, path.child('spec', 'parameters'))
  }
}

export function* validateIngressClassUpdate(
  ingressClass: IngressClass,
  old: IngressClass,
  path: FieldPath,
): FieldErrors {
  const controllerPath = path.child('spec', 'controller')
  const { controller = '' } = ingressClass.spec
  yield* validateImmutable(controller, old.spec.controller ?? '', controllerPath)
  yield* validateIngressClass(ingressClass, path)
}

function* validateParameters(
  parameters: IngressClassParametersReference,
  path: FieldPath,
): FieldErrors {
  const { scope, namespace } = parameters
  const namespacePath = path.child('namespace')
  yield* validateLocalReference(parameters, path)
  if (!SCOPES.includes(scope)) yield notSupported(path.child('scope'), scope, SCOPES)
  else if (scope === 'Cluster') {
    if (namespace === undefined) return
    yield forbidden(namespacePath, "`parameters.scope` is set to 'Cluster'")
  } else if (namespace === undefined) {
    yield required(namespacePath, "`parameters.scope` is set to 'Namespace'")
  } else yield* invalids(namespacePath, namespace, labelNameErrors(namespace, false))
}
