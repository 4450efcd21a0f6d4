import { ReplicationController } from '../../kinds/core/v1/replication-controller.ts'
import { Selector } from '../../machinery/label-selector.ts'
import { ReplicaController } from '../replicaset/replica-controller.ts'
import type { ControllerContext } from '../runtime/controller.ts'

/** Keeps as many pods running as each ReplicationController asks for. */
export class ReplicationControllerController extends ReplicaController<ReplicationController> {
  constructor(context: ControllerContext) {
    super(
      {
        kind: ReplicationController,
        name: 'replicationcontroller-controller',
        reportsTerminating: false,
        selectorOf: ({ spec }) => Selector.fromLabels(spec.selector),
        withStatus: (controller, status) => ({ ...controller, status }),
      },
      context,
    )
  }
}
