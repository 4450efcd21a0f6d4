import type { ServerRequest } from '../../request.ts'

/** Answered without being stored, and needed by every request: a policy could lock all out. */
const EXCLUDED = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
])

/** Whether no policy may judge what a request is about. */
export function isExcluded({ info }: ServerRequest): boolean {
  return EXCLUDED.has(`${info.group}/${info.resource}`)
}
