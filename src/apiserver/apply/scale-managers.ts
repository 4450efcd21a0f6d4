import { Scale } from '../../kinds/autoscaling/v1/scale.ts'
import { FieldManager } from '../../machinery/apply/field-manager.ts'
import { type FieldPathElements, fieldElement } from '../../machinery/apply/path-element.ts'
import type { ReplicasPaths } from '../../machinery/apply/scale-managers.ts'
import { shapeOf } from '../../machinery/apply/shape.ts'
import type { FieldVersion } from '../../machinery/apply/updater.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { ServedResource } from '../registry/served-resource.ts'

const SCALE_VERSION: FieldVersion = {
  apiVersion: Scale.apiVersion,
  shape: shapeOf(Scale.schema),
  toStored: (object) => object,
  fromStored: (object) => object,
}

/** Who keeps the managed fields of all Scales: they are of one kind, whatever they scale. */
export const scaleManager = new FieldManager({
  kind: Scale as unknown as Kind,
  subresource: 'scale',
  versions: {
    current: SCALE_VERSION,
    find: (apiVersion) => (apiVersion === Scale.apiVersion ? SCALE_VERSION : undefined),
  },
})

const REPLICAS: FieldPathElements = ['f:spec', 'f:replicas']

/** Where each version of a resource has its replicas. */
export function replicasPathsOf({ family }: ServedResource): ReplicasPaths {
  const paths = new Map<string, FieldPathElements>()
  for (const [apiVersion, { kind }] of family) {
    const path = kind.scale?.replicasPath?.map(fieldElement)
    if (kind.scale !== undefined) paths.set(apiVersion, path ?? REPLICAS)
  }
  return paths
}
