import type { KubeObject } from '../../machinery/kind.ts'
import { encodeForEnvelope } from '../protobuf/api-protobuf.ts'
import { type View, viewOf } from '../registry/view.ts'
import type { MetaVersion } from './negotiate.ts'

/** An object's metadata alone, for clients that watch many kinds without their content. */
export interface PartialObjectMetadata {
  readonly kind: 'PartialObjectMetadata'
  readonly apiVersion: `meta.k8s.io/${MetaVersion}`
  readonly metadata: KubeObject['metadata']
}

/** The names of every such object. */
export function partialMetadataNames(version: MetaVersion = 'v1') {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}` } as const
}

/** The objects of a view as PartialObjectMetadata. */
export function partialMetadataView(view: View, version: MetaVersion): View {
  const show = (names: Omit<PartialObjectMetadata, 'metadata'>, object: unknown) => {
    const { metadata } = object as KubeObject
    return { ...names, metadata }
  }
  const names = partialMetadataNames(version)
  const shown = viewOf(`partial ${version} ${view.id}`, (stored) => show(names, view.value(stored)))
  if (version === 'v1') return shown
  // Both versions are the same on the wire.
  const usual = partialMetadataNames()
  return { ...shown, protobuf: (stored) => encodeForEnvelope(show(usual, view.value(stored))) }
}
