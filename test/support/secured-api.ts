import { ApiServer, type ApiServerOptions } from '../../src/apiserver/api-server.ts'
import type { RequestAuthenticator } from '../../src/apiserver/authentication/authenticator.ts'
import {
  privilegedGroupAuthorizer,
  UnionAuthorizer,
} from '../../src/apiserver/authorization/authorizer.ts'
import { reconcileBootstrapPolicy } from '../../src/apiserver/authorization/bootstrap/reconcile-bootstrap.ts'
import { NodeAuthorizer } from '../../src/apiserver/authorization/node/node-authorizer.ts'
import { NodeRestriction } from '../../src/apiserver/authorization/node/node-restriction.ts'
import { RbacAuthorizer } from '../../src/apiserver/authorization/rbac-authorizer.ts'
import { RbacEscalationCheck } from '../../src/apiserver/authorization/rbac-escalation.ts'
import { requestFilters } from '../../src/apiserver/filters/filters.ts'
import { InProcessTransport } from '../../src/apiserver/in-process-transport.ts'
import { ResourceTable } from '../../src/apiserver/registry/resource-table.ts'
import type { UserInfo } from '../../src/apiserver/request.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { Client } from '../../src/client/client.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { VirtualClock } from './virtual-clock.ts'

/** An API server in memory with its filters and bootstrap roles, on virtual time. */
export interface SecuredApi extends Disposable {
  readonly server: ApiServer
  readonly clock: VirtualClock
  readonly resources: ResourceTable
  readonly rbac: RbacAuthorizer
  readonly authorizer: UnionAuthorizer
  /** As a member of system:masters. */
  readonly admin: Client
  as(name: string, ...groups: readonly string[]): Client
}

/** What a test adds: handlers, authenticators. */
export type SecuredApiExtras = Partial<ApiServerOptions> & {
  readonly authenticators?: readonly RequestAuthenticator[]
}

export async function startSecuredApi(
  extrasOf: (
    api: Omit<SecuredApi, 'server' | 'admin' | 'as' | typeof Symbol.dispose>,
  ) => SecuredApiExtras | undefined = () => undefined,
): Promise<SecuredApi> {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const logger = silentLogger
  const storage = MemoryStorage.create({ clock, logger })
  const resources = new ResourceTable({ kinds: builtInKinds, storage, clock, logger })
  const rbac = new RbacAuthorizer()
  const nodes = new NodeAuthorizer()
  const authorizer = new UnionAuthorizer([privilegedGroupAuthorizer, nodes, rbac])
  const extras = extrasOf({ clock, resources, rbac, authorizer }) ?? {}
  const { authenticators = [], ...serverExtras } = extras
  const server = new ApiServer({
    clock,
    random,
    logger,
    resources,
    authorizer,
    filters: requestFilters({
      logger,
      authenticators,
      authorizer,
      inFlight: { readOnly: 0, mutating: 0 },
    }),
    admissionPlugins: [
      new NodeRestriction(resources, authorizer),
      new RbacEscalationCheck(authorizer, rbac),
    ],
    ...serverExtras,
  })
  const stop = new AbortController()
  const following = { signal: stop.signal, clock, logger }
  await Promise.all([rbac.follow(resources, following), nodes.follow(resources, following)])
  const as = (name: string, ...groups: readonly string[]): Client => {
    const user: UserInfo = { name, groups: [...groups, 'system:authenticated'] }
    return new ApiClient(new InProcessTransport((request) => server.handle(request), user))
  }
  const admin = as('admin', 'system:masters')
  await reconcileBootstrapPolicy(admin, logger)
  return {
    server,
    clock,
    resources,
    rbac,
    authorizer,
    admin,
    as,
    [Symbol.dispose]() {
      stop.abort()
      server.close()
    },
  }
}
