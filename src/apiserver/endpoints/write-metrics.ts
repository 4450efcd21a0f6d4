import { setImmediate } from 'node:timers/promises'
import type { Registry } from 'prom-client'

/** So much text is written before others may go on. */
const WRITTEN_AT_ONCE = 64 * 1024

/** What `registry.metrics()` gives, a few metrics in a turn: all of them together take long. */
export async function writeMetrics(registry: Registry): Promise<string> {
  const texts: string[] = []
  let length = 0
  for (const { name } of registry.getMetricsAsArray()) {
    if (length >= WRITTEN_AT_ONCE) {
      await setImmediate()
      length = 0
    }
    const text = await registry.getSingleMetricAsString(name)
    texts.push(text)
    length += text.length
  }
  return `${texts.join('\n\n')}\n`
}
