import { identityReviewHandlers } from '../apiserver/authentication/identity-reviews.ts'
import { serviceAccountToken } from '../apiserver/authentication/token-request.ts'
import { accessReviewHandlers } from '../apiserver/authorization/access-reviews.ts'
import { type ComponentCheck, componentStatuses } from '../apiserver/component-statuses.ts'
import { objectSubresources, objectVirtualKinds } from '../apiserver/compose.ts'
import { streamingSubresources } from '../apiserver/streaming/streaming.ts'
import { sendRequest } from '../base/http-backend.ts'
import { builtInKinds } from '../kinds/index.ts'
import type { ServerAccess } from './access/server-access.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

/** What is answered in ways of its own below an object: `status`, `log`, `token` and others. */
export function servedSubresources(
  { random, kubelets, egress }: ControlPlaneOptions,
  { authorizer, issuer }: ServerAccess,
) {
  const send = egress?.send('cluster') ?? sendRequest
  return new Map([
    ...objectSubresources(builtInKinds),
    ...streamingSubresources({ authorizer, random, kubelets, send }),
    ['/serviceaccounts/token', serviceAccountToken(issuer)] as const,
  ])
}

/** The kinds of which nothing is stored: reviews, and states that are asked for. */
export function servedVirtualKinds(
  { clock }: ControlPlaneOptions,
  { authorizer, tokens, audiences, rules }: ServerAccess,
  checks: ReadonlyMap<string, ComponentCheck>,
) {
  return new Map([
    ...objectVirtualKinds,
    ['/componentstatuses', componentStatuses(checks)] as const,
    ...identityReviewHandlers(tokens, audiences, clock),
    ...accessReviewHandlers(authorizer, rules),
  ])
}
