import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
} from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateClaims, validateName, validatePolicy } from './pod-group-validation.ts'
import type { TypedLocalObjectReference, Workload } from './workload.ts'

const MOST_TEMPLATES = 8

/** The groups that a workload needs, each under a name of its own. */
export function* validateWorkload({ spec }: Workload, path: FieldPath): FieldErrors {
  const { controllerRef, podGroupTemplates: templates } = spec
  if (controllerRef !== undefined) {
    yield* validateController(controllerRef, path.child('spec', 'controllerRef'))
  }
  const templatesPath = path.child('spec', 'podGroupTemplates')
  if (templates.length === 0) yield required(templatesPath)
  if (templates.length > MOST_TEMPLATES) {
    yield tooMany(templatesPath, templates.length, MOST_TEMPLATES)
    return
  }
  const names = templates.map(({ name }) => name)
  const repeated = repeatedPlaces(names)
  for (const [index, template] of templates.entries()) {
    const at = templatesPath.index(index)
    const { name, schedulingPolicy, resourceClaims = [] } = template
    if (repeated.has(index)) yield duplicate(at, { name })
    yield* validateName(name, dns1123LabelErrors, at.child('name'))
    yield* validatePolicy(schedulingPolicy, at.child('schedulingPolicy'))
    yield* validateClaims(resourceClaims, at.child('resourceClaims'))
  }
}

/** What a workload is stays as it is. */
export function* validateWorkloadUpdate(
  workload: Workload,
  old: Workload,
  path: FieldPath,
): FieldErrors {
  for (const field of ['controllerRef', 'podGroupTemplates'] as const) {
    yield* validateImmutable(workload.spec[field], old.spec[field], path.child('spec', field))
  }
}

function* validateController(
  { apiGroup = '', kind, name }: TypedLocalObjectReference,
  path: FieldPath,
): FieldErrors {
  if (apiGroup !== '') {
    yield* invalids(path.child('apiGroup'), apiGroup, dns1123SubdomainErrors(apiGroup))
  }
  const reasonsOf = (text: string) => pathSegmentErrors(text, false)
  yield* validateName(kind, reasonsOf, path.child('kind'))
  yield* validateName(name, reasonsOf, path.child('name'))
}
