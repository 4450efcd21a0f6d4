import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from './custom-resource-definition.ts'

const ANNOTATION = 'api-approved.kubernetes.io'
const PROPOSAL = 'see https://github.com/kubernetes/enhancements/pull/1111'

const FORM = 'with either a URL or a reason starting with "unapproved"'

type State = 'missing' | 'bypassed' | 'approved' | 'invalid'

/** Groups of the Kubernetes community are for kinds that its API review has approved. */
export function* validateApproval(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  path: FieldPath,
): FieldErrors {
  if (!isProtected(definition)) return
  const state = stateOf(definition)
  if (old !== undefined && stateOf(old) === state) return
  const at = path.child('metadata', 'annotations').key(ANNOTATION)
  const must = `protected groups must have approval annotation ${JSON.stringify(ANNOTATION)}`
  if (state === 'missing') yield required(at, `${must}, ${PROPOSAL}`)
  if (state === 'invalid') {
    yield invalid(at, annotationOf(definition), `${must} ${FORM}, ${PROPOSAL}`)
  }
}

/** What the status says of the approval; undefined for groups that need none. */
export function approvalConditionOf(
  definition: CustomResourceDefinition,
): CustomResourceDefinitionCondition | undefined {
  if (!isProtected(definition)) return undefined
  const annotation = annotationOf(definition)
  const must = `protected groups must have approval annotation ${JSON.stringify(ANNOTATION)}`
  const type = 'KubernetesAPIApprovalPolicyConformant'
  switch (stateOf(definition)) {
    case 'missing':
      return { type, status: 'False', reason: 'MissingAnnotation', message: `${must}, ${PROPOSAL}` }
    case 'bypassed': {
      const message = `not approved: ${JSON.stringify(annotation)}`
      return { type, status: 'False', reason: 'UnapprovedAnnotation', message }
    }
    case 'approved': {
      const message = `approved in ${annotation}`
      return { type, status: 'True', reason: 'ApprovedAnnotation', message }
    }
    case 'invalid': {
      const message = `${must} ${FORM}, ${PROPOSAL}`
      return { type, status: 'False', reason: 'InvalidAnnotation', message }
    }
  }
}

function isProtected({ spec }: CustomResourceDefinition): boolean {
  return /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(spec.group)
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
