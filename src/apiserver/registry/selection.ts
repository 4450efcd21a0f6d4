import type { KubeObject } from '../../machinery/kind.ts'
import type { Matches } from './cache-event.ts'
import type { StoredObject } from './stored-object.ts'

/** A value that objects are found by without looking at the others, such as a pod's node. */
export interface IndexKey {
  readonly index: string
  readonly value: string
}

/** Which objects of a resource a client asks for. */
export interface Selection {
  /** '' for all namespaces, and for resources of cluster scope. */
  readonly namespace: string
  /** '' for any name. */
  readonly name: string
  /** What the selectors demand of an object, beside namespace and name. */
  readonly predicate?: ((object: KubeObject) => boolean) | undefined
  /** An index that holds all objects that the predicate can match. */
  readonly indexKey?: IndexKey | undefined
}

/** Objects in the order of their keys, which a selection's selectors are still to choose from. */
export interface Candidates {
  /** A state of one moment: it does not change, and is shared by all who ask for it. */
  readonly candidates: readonly StoredObject[]
  /** Undefined where all match. */
  readonly matches: Matches | undefined
}

export const SELECT_ALL: Selection = { namespace: '', name: '' }

/** Undefined where everything matches. An object that cannot be read matches no predicate. */
export function matcherOf({ namespace, name, predicate }: Selection): Matches | undefined {
  if (namespace === '' && name === '' && predicate === undefined) return undefined
  return (stored: StoredObject) => {
    const { metadata } = stored.object
    if (namespace !== '' && metadata.namespace !== namespace) return false
    if (name !== '' && metadata.name !== name) return false
    return predicate === undefined || predicate(stored.object)
  }
}
