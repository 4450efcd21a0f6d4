import { TracedStorage } from '../apiserver/tracing/traced-storage.ts'
import type { Kind } from '../machinery/kind.ts'
import type { Storage } from '../storage/storage.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

/** Where each kind is stored: with the others or elsewhere, and recorded where requests are. */
export function storageOfKinds({
  storage,
  others,
  tracer,
}: Pick<ControlPlaneOptions, 'storage' | 'others' | 'tracer'>): (kind: Kind) => Storage {
  const plain = (kind: Kind) => others?.byKind.get(kind) ?? storage
  if (tracer === undefined) return plain
  return (kind) => new TracedStorage(plain(kind), kind, tracer)
}
