import type { KubeObject } from '../../machinery/kind.ts'
import { type View, viewOf } from '../registry/view.ts'

/** An object's metadata alone, for clients that watch many kinds without their content. */
export interface PartialObjectMetadata {
  readonly kind: 'PartialObjectMetadata'
  readonly apiVersion: 'meta.k8s.io/v1'
  readonly metadata: KubeObject['metadata']
}

/** The names of every such object. */
export const PARTIAL_METADATA = {
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
} as const

/** The objects of a view as PartialObjectMetadata. */
export function partialMetadataView(view: View): View {
  return viewOf(`partial ${view.id}`, (stored): PartialObjectMetadata => {
    const { metadata } = view.value(stored) as KubeObject
    return { ...PARTIAL_METADATA, metadata }
  })
}
