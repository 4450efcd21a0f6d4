import { ClientEventRecorder } from '../client/event-sender.ts'
import { SharedInformers } from '../client/informers.ts'
import type { AccessSettings } from '../controllers/access-definitions.ts'
import { controllerDefinitions } from '../controllers/index.ts'
import { ControllerManager } from '../controllers/runtime/controller-manager.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import { Compactor } from '../storage/compactor.ts'
import type { Storage } from '../storage/storage.ts'
import { controllerIdentity, IDENTITIES } from './api-identity.ts'
import { type ClusterOptions, clusterCidrFor, SERVICE_CIDR } from './cluster-options.ts'
import { ComponentGroup } from './component-group.ts'
import type { ControlPlane } from './control-plane.ts'
import type { UndoStack } from './undo-stack.ts'

/** As upstream's API server tells etcd. */
const KEEP_HISTORY_MS = 5 * 60_000
const COMPACTION_INTERVAL_MS = 60_000

/**
 * Starts controllers, scheduler and compaction, each under its own identity. The informers that
 * come back belong to kube-proxy's identity: for those who serve nodes.
 */
export function startControl(
  options: ClusterOptions,
  controlPlane: ControlPlane,
  facts: AccessSettings & { readonly authority: string },
  storage: Storage,
  undo: UndoStack,
): SharedInformers {
  const { clock, random, logger } = options
  const informersOf = (identity: (typeof IDENTITIES)[keyof typeof IDENTITIES]) =>
    new SharedInformers({ client: controlPlane.clientFor(identity), clock, random, logger })
  const caches = new ComponentGroup(logger)
  const deciders = new ComponentGroup(logger)
  undo.add(() => caches.stop())
  undo.add(() => deciders.stop())

  deciders.start(
    new ControllerManager({
      ...{ clock, random, logger },
      // One API server: nobody else has to learn first that a namespace takes no new content.
      definitions: controllerDefinitions({
        ...facts,
        signToken: (claims) => controlPlane.signLegacyToken(claims),
        clusterCidrs: [clusterCidrFor(options.nodes)],
        serviceCidrs: [SERVICE_CIDR],
        namespaceDeletionDelayMs: 0,
      }),
      // As kubeadm: tokens by which machines join are signed with, and end.
      controllers: ['*', 'bootstrap-signer-controller', 'token-cleaner-controller'],
      clientFor: (serviceAccount) => controlPlane.clientFor(controllerIdentity(serviceAccount)),
      ownClient: controlPlane.clientFor(IDENTITIES.controllerManager),
      informers: informersOf(IDENTITIES.controllerManager),
    }),
  )
  const client = controlPlane.clientFor(IDENTITIES.scheduler)
  const schedulerInformers = informersOf(IDENTITIES.scheduler)
  const recorder = new ClientEventRecorder({
    ...{ client, clock, logger },
    component: 'default-scheduler',
  })
  undo.add(async () => recorder[Symbol.dispose]())
  deciders.start(
    new Scheduler({
      ...{ client, recorder, clock, random, logger },
      informers: schedulerInformers,
    }),
  )
  caches.start(schedulerInformers)
  caches.start(
    new Compactor({
      ...{ storage, clock, logger },
      keepMs: KEEP_HISTORY_MS,
      intervalMs: COMPACTION_INTERVAL_MS,
    }),
  )
  const shared = informersOf(IDENTITIES.proxy)
  caches.start(shared)
  return shared
}
