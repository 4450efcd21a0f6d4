import { BLOCK_BYTES } from '../listener/blocks.ts'
import type { StoredObject } from './stored-object.ts'

const shared = new WeakMap<StoredObject, Map<string, WeakRef<Uint8Array>>>()

/**
 * One encoding of a large object for all who are sending it, for as long as one of them does: a
 * thousand clients that read slowly would hold a thousand of them. `form` says which encoding.
 */
export function sharedBytes(
  stored: StoredObject,
  form: string,
  encode: () => Uint8Array,
): Uint8Array {
  if (stored.storedLength < BLOCK_BYTES) return encode()
  let forms = shared.get(stored)
  if (forms === undefined) {
    forms = new Map()
    shared.set(stored, forms)
  }
  let bytes = forms.get(form)?.deref()
  if (bytes === undefined) {
    bytes = encode()
    forms.set(form, new WeakRef(bytes))
  }
  return bytes
}
