import { setImmediate } from 'node:timers/promises'
import type { StoredObject } from '../registry/stored-object.ts'
import type { ServerRequest } from '../request.ts'

/** Each step of a write takes milliseconds for an object as large as this, and longer for more. */
const LARGE_BYTES = 64 * 1024

/** Whether a write is about so large an object that others are to have a turn between its steps. */
export function isLargeWrite({ bodyBytes }: ServerRequest, current?: StoredObject): boolean {
  return (bodyBytes !== undefined && bodyBytes > LARGE_BYTES) || isLarge(current)
}

function isLarge(current: StoredObject | undefined): boolean {
  return current !== undefined && current.storedLength > LARGE_BYTES
}

/** Between the steps of such a write. */
export const nextTurn: () => Promise<void> = () => setImmediate()
