import { stringifyJson } from '../../base/json.ts'
import type { KubeObject } from '../../machinery/kind.ts'

/** Raised where an object must first be converted by somebody who does not answer at once. */
class ConversionNeeded extends Error {
  override readonly name = 'ConversionNeeded'
  readonly key: string
  readonly convert: () => Promise<KubeObject>

  constructor(key: string, convert: () => Promise<KubeObject>) {
    super('an object must be converted first')
    this.key = key
    this.convert = convert
  }
}

/** What has been converted for the work that is running. */
let known: ReadonlyMap<string, KubeObject> | undefined

/**
 * Does work that needs objects in other versions, from its beginning again whenever another object
 * had to be converted for it: the work must have no effects but its result.
 */
export async function withConversions<T>(work: () => T): Promise<T> {
  const converted = new Map<string, KubeObject>()
  for (;;) {
    const before = known
    known = converted
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ConversionNeeded)) throw error
      known = before
      converted.set(error.key, await error.convert())
    } finally {
      known = before
    }
  }
}

/** An object in another version, for work inside of `withConversions`. */
export function convertedFor(
  object: KubeObject,
  apiVersion: string,
  convert: () => Promise<KubeObject>,
): KubeObject {
  const key = `${apiVersion} ${stringifyJson(object)}`
  const converted = known?.get(key)
  if (converted === undefined) throw new ConversionNeeded(key, convert)
  return converted
}
