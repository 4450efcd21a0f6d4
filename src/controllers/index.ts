import { DeploymentController } from './deployment/deployment-controller.ts'
import { EndpointsController } from './endpoints/endpoints-controller.ts'
import { EndpointSliceController } from './endpointslice/endpoint-slice-controller.ts'
import { ReplicaSetController } from './replicaset/replica-set-controller.ts'
import { ReplicationControllerController } from './replicationcontroller/replication-controller-controller.ts'
import { RootCaCertPublisher } from './root-ca-cert-publisher/root-ca-cert-publisher.ts'
import type { ControllerDefinition } from './runtime/controller-manager.ts'
import { ServiceAccountsController } from './serviceaccount/service-accounts-controller.ts'

/** What the controllers must be told of the cluster. */
export interface ControllerSettings {
  /** The PEM bundle by which pods recognize the API server. */
  readonly authority: string
}

/** All controllers under upstream's names, in upstream's order. */
export function controllerDefinitions(
  settings: ControllerSettings,
): readonly ControllerDefinition[] {
  return [
    {
      name: 'endpoints-controller',
      serviceAccount: 'endpoint-controller',
      eventSource: 'endpoint-controller',
      create: (context) => new EndpointsController(context),
    },
    {
      name: 'endpointslice-controller',
      serviceAccount: 'endpointslice-controller',
      eventSource: 'endpoint-slice-controller',
      create: (context) => new EndpointSliceController(context),
    },
    {
      name: 'replicationcontroller-controller',
      serviceAccount: 'replication-controller',
      eventSource: 'replication-controller',
      create: (context) => new ReplicationControllerController(context),
    },
    {
      name: 'serviceaccount-controller',
      serviceAccount: 'service-account-controller',
      create: (context) => new ServiceAccountsController(context),
    },
    {
      name: 'deployment-controller',
      serviceAccount: 'deployment-controller',
      create: (context) => new DeploymentController(context),
    },
    {
      name: 'replicaset-controller',
      serviceAccount: 'replicaset-controller',
      create: (context) => new ReplicaSetController(context),
    },
    {
      name: 'root-ca-certificate-publisher-controller',
      serviceAccount: 'root-ca-cert-publisher',
      create: (context) => new RootCaCertPublisher(context, settings.authority),
    },
  ]
}
