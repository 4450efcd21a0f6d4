import { type Component, childAbort } from '../base/lifetime.ts'
import { ClientEventRecorder } from '../client/event-sender.ts'
import { SharedInformers } from '../client/informers.ts'
import type { AccessSettings } from '../controllers/access-definitions.ts'
import { controllerDefinitions } from '../controllers/index.ts'
import { ControllerManager } from '../controllers/runtime/controller-manager.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import { controllerIdentity, IDENTITIES } from './api-identity.ts'
import { type ClusterOptions, clusterCidrFor, SERVICE_CIDR } from './cluster-options.ts'
import { ComponentGroup } from './component-group.ts'
import type { ControlPlane } from './control-plane.ts'
import { ledComponent } from './led-component.ts'
import type { UndoStack } from './undo-stack.ts'

/**
 * Starts controllers, scheduler and compaction, each under its own identity. The informers that
 * come back belong to kube-proxy's identity: for those who serve nodes.
 */
export function startControl(
  options: ClusterOptions,
  controlPlane: ControlPlane,
  facts: AccessSettings & { readonly authority: string },
  compactor: Component,
  undo: UndoStack,
): SharedInformers {
  const { clock, random, logger } = options
  const informersOf = (identity: (typeof IDENTITIES)[keyof typeof IDENTITIES]) =>
    new SharedInformers({ client: controlPlane.clientFor(identity), clock, random, logger })
  const caches = new ComponentGroup(logger)
  const deciders = new ComponentGroup(logger)
  undo.add(() => caches.stop())
  undo.add(() => deciders.stop())

  const controllerManager = () =>
    new ControllerManager({
      ...{ clock, random, logger },
      definitions: controllerDefinitions({
        ...facts,
        signToken: (claims) => controlPlane.signLegacyToken(claims),
        clusterCidrs: [clusterCidrFor(options.nodes)],
        serviceCidrs: [SERVICE_CIDR],
        // One API server: nobody else has to learn first that a namespace takes no new content.
        ...(options.etcd === undefined && { namespaceDeletionDelayMs: 0 }),
      }),
      // As kubeadm: tokens by which machines join are signed with, and end.
      controllers: ['*', 'bootstrap-signer-controller', 'token-cleaner-controller'],
      clientFor: (serviceAccount) => controlPlane.clientFor(controllerIdentity(serviceAccount)),
      ownClient: controlPlane.clientFor(IDENTITIES.controllerManager),
      informers: informersOf(IDENTITIES.controllerManager),
    })
  const client = controlPlane.clientFor(IDENTITIES.scheduler)
  const recorder = new ClientEventRecorder({
    ...{ client, clock, logger },
    component: 'default-scheduler',
  })
  undo.add(async () => recorder[Symbol.dispose]())
  const scheduler = () => {
    const informers = informersOf(IDENTITIES.scheduler)
    const deciding = new Scheduler({ ...{ client, recorder, clock, random, logger }, informers })
    return withInformers(deciding, informers)
  }
  if (options.etcd === undefined) {
    deciders.start(controllerManager())
    deciders.start(scheduler())
  } else {
    const ownClient = controlPlane.clientFor(IDENTITIES.controllerManager)
    deciders.start(ledComponent(options, 'kube-controller-manager', ownClient, controllerManager))
    deciders.start(ledComponent(options, 'kube-scheduler', client, scheduler))
  }
  const { componentChecks } = controlPlane
  componentChecks.set('scheduler', () => deciders.check('kube-scheduler'))
  componentChecks.set('controller-manager', () => deciders.check('kube-controller-manager'))
  caches.start(compactor)
  const shared = informersOf(IDENTITIES.proxy)
  caches.start(shared)
  return shared
}

/** Informers outlive the component, whose last writes may still need their caches. */
function withInformers(component: Component, informers: SharedInformers): Component {
  return {
    name: component.name,
    async run(signal) {
      using stopInformers = childAbort(new AbortController().signal)
      const caching = informers.run(stopInformers.signal)
      try {
        await component.run(signal)
      } finally {
        stopInformers.abort()
        await caching
      }
    },
  }
}
