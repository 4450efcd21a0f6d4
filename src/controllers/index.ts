import { DeploymentController } from './deployment/deployment-controller.ts'
import { ReplicaSetController } from './replicaset/replica-set-controller.ts'
import { ReplicationControllerController } from './replicationcontroller/replication-controller-controller.ts'
import { RootCaCertPublisher } from './root-ca-cert-publisher/root-ca-cert-publisher.ts'
import type { ControllerDefinition } from './runtime/controller-manager.ts'
import { ServiceAccountController } from './serviceaccount/service-account-controller.ts'

/** What controllers need to know of the cluster. */
export interface ClusterFacts {
  /** The cluster's certificate authority, PEM. */
  readonly authority: string
}

/** Every controller, under its name in `--controllers`. */
export function controllerDefinitions(facts: ClusterFacts): readonly ControllerDefinition[] {
  return [
    {
      name: 'serviceaccount-controller',
      serviceAccount: 'service-account-controller',
      create: (context) => new ServiceAccountController(context),
    },
    {
      name: 'root-ca-certificate-publisher-controller',
      serviceAccount: 'root-ca-cert-publisher',
      create: (context) => new RootCaCertPublisher(context, facts.authority),
    },
    {
      name: 'replicationcontroller-controller',
      serviceAccount: 'replication-controller',
      create: (context) => new ReplicationControllerController(context),
    },
    {
      name: 'replicaset-controller',
      serviceAccount: 'replicaset-controller',
      create: (context) => new ReplicaSetController(context),
    },
    {
      name: 'deployment-controller',
      serviceAccount: 'deployment-controller',
      create: (context) => new DeploymentController(context),
    },
  ]
}
