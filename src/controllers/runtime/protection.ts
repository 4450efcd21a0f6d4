import type { Client } from '../../client/client.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'

/** What is to be done about the finalizer that keeps an object which is in use. */
export type ProtectionStep = 'add' | 'check' | 'none'

/**
 * An object that is deleted is to be checked for its users; one that is not must have the
 * finalizer. Admission gives it to new ones: this is for those from before.
 */
export function protectionStep({ metadata }: KubeObject, finalizer: string): ProtectionStep {
  const hasFinalizer = metadata.finalizers?.includes(finalizer) === true
  if (metadata.deletionTimestamp !== undefined) return hasFinalizer ? 'check' : 'none'
  return hasFinalizer ? 'none' : 'add'
}

/** Writes an object with the finalizer added or taken away. One that has gone is fine. */
export async function setProtection<T extends KubeObject>(
  client: Client,
  kind: KindRef<T>,
  object: T,
  finalizer: string,
  isProtected: boolean,
): Promise<void> {
  const { finalizers = [] } = object.metadata
  const others = finalizers.filter((one) => one !== finalizer)
  const wanted = isProtected ? [...others, finalizer] : others
  try {
    await client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: wanted } })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
