import { ANONYMOUS } from '../authentication/authenticator.ts'
import { type Authorizer, attributesOf } from '../authorization/authorizer.ts'
import { forbidden } from '../authorization/forbidden.ts'
import type { ServerRequest } from '../request.ts'

/**
 * A WebSocket begins with a GET, so the right to `get` the subresource would be enough to run
 * commands: whoever connects needs the right to `create` it, whatever the method.
 */
export async function ensureMayCreate(
  request: ServerRequest,
  authorizer: Authorizer,
): Promise<void> {
  const attributes = attributesOf(request, request.user ?? ANONYMOUS)
  if (attributes.verb === 'create') return
  const wanted = { ...attributes, verb: 'create' }
  const { verdict, reason } = await authorizer.authorize(wanted)
  if (verdict !== 'Allow') throw forbidden(wanted, reason)
}
