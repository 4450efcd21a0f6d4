import type { Kind } from '../../machinery/kind.ts'
import type { ServerRequest } from '../request.ts'
import { DEPRECATIONS } from './deprecations.data.ts'

/** What is said of a version that will go. */
export interface Deprecation {
  /** What its clients are told. */
  readonly warning: string
  /** The release without it, such as `1.37`; '' where that is not decided. */
  readonly removedRelease: string
}

/** Of the many kinds that stay. */
const NONE: Deprecation = { warning: '', removedRelease: '' }
/** Of each kind that was asked for. */
const byKind = new WeakMap<Kind, Deprecation>()
const byRequest = new WeakMap<ServerRequest, Deprecation>()

/** Clients of a version that will go are told so, whatever they ask, and so is the audit log. */
export function noteDeprecation(request: ServerRequest, kind: Kind): void {
  let deprecation = byKind.get(kind)
  if (deprecation === undefined) {
    deprecation = deprecationOf(kind)
    byKind.set(kind, deprecation)
  }
  if (deprecation === NONE) return
  const { warning, removedRelease } = deprecation
  request.addWarning(warning)
  request.auditAnnotations.set('k8s.io/deprecated', 'true')
  if (removedRelease !== '') {
    request.auditAnnotations.set('k8s.io/removed-release', removedRelease)
  }
  byRequest.set(request, deprecation)
}

/** Whether a request was one for a version that will go; known once it has reached its verb. */
export function deprecationOfRequest(request: ServerRequest): Deprecation | undefined {
  return byRequest.get(request)
}

function deprecationOf(kind: Kind): Deprecation {
  const name = `${kind.apiVersion} ${kind.kind}`
  const what = DEPRECATIONS[name]
  const usual = what === undefined ? '' : `${name} is ${what}`
  const warning = kind.custom?.deprecationWarning ?? usual
  if (warning === '') return NONE
  return { warning, removedRelease: /unavailable in v(\d+\.\d+)\+/.exec(what ?? '')?.[1] ?? '' }
}
