import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'

const ANNOTATION = 'api-approved.kubernetes.io'
const PROPOSAL = 'see https://github.com/kubernetes/enhancements/pull/1111'

type State = 'missing' | 'bypassed' | 'approved' | 'invalid'

/** Groups of the Kubernetes community are for kinds that its API review has approved. */
export function* validateApproval(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  path: FieldPath,
): FieldErrors {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(definition.spec.group)) return
  const state = stateOf(definition)
  if (old !== undefined && stateOf(old) === state) return
  const at = path.child('metadata', 'annotations').key(ANNOTATION)
  const must = `protected groups must have approval annotation ${JSON.stringify(ANNOTATION)}`
  if (state === 'missing') yield required(at, `${must}, ${PROPOSAL}`)
  if (state === 'invalid') {
    const form = 'with either a URL or a reason starting with "unapproved"'
    yield invalid(at, annotationOf(definition), `${must} ${form}, ${PROPOSAL}`)
  }
}

function stateOf(definition: CustomResourceDefinition): State {
  const annotation = annotationOf(definition)
  if (annotation === '') return 'missing'
  if (annotation.startsWith('unapproved')) return 'bypassed'
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(annotation) ? 'approved' : 'invalid'
}

function annotationOf({ metadata }: CustomResourceDefinition): string {
  return metadata.annotations?.[ANNOTATION] ?? ''
}
