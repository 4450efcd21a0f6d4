import { Scale } from '../../kinds/autoscaling/v1/scale.ts'
import type { KubeObject, ScaleAccess } from '../../machinery/kind.ts'

/** An object with replicas as its `scale` subresource shows it. */
export function scaleOf(object: KubeObject, access: ScaleAccess<KubeObject>): Scale {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = access.selector(object)
  const replicas = access.replicas(object)
  return {
    kind: 'Scale',
    apiVersion: Scale.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: access.statusReplicas(object),
      ...(selector !== '' && { selector }),
    },
  }
}
