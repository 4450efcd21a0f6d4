import { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { selectorOf } from '../../machinery/label-selector.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { ReplicaController } from './replica-controller.ts'

/** Keeps as many pods running as each ReplicaSet asks for. */
export class ReplicaSetController extends ReplicaController<ReplicaSet> {
  constructor(context: ControllerContext) {
    super(
      {
        kind: ReplicaSet,
        name: 'replicaset-controller',
        reportsTerminating: true,
        selectorOf: ({ spec }) => selectorOf(spec.selector),
        withStatus: (replicaSet, status) => ({ ...replicaSet, status }),
      },
      context,
    )
  }
}
