import { setImmediate } from 'node:timers/promises'

/** So much is decrypted or decoded before others may go on: a few milliseconds of work. */
const SLICE_BYTES = 64 * 1024
/** What a value costs beside its bytes, as if it had so many more. */
const BYTES_PER_VALUE = 256

/** Changes each of many values, with pauses in which requests are answered; few values, at once. */
export async function readInSlices<T extends { readonly value: Uint8Array }, R>(
  items: readonly T[],
  read: (item: T, index: number) => R,
): Promise<R[]> {
  const results: R[] = []
  let bytes = 0
  for (const item of items) {
    if (bytes >= SLICE_BYTES) {
      await setImmediate()
      bytes = 0
    }
    results.push(read(item, results.length))
    bytes += item.value.length + BYTES_PER_VALUE
  }
  return results
}
