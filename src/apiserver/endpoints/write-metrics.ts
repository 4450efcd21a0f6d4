import { setImmediate } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import { formatGoNumber } from '../../machinery/go-number.ts'
import type { MetricRules, Sample, ShownMetric } from './metric-rules.ts'

/** So much text is written before others may go on. */
const WRITTEN_AT_ONCE = 64 * 1024

/**
 * All metrics as Go's library writes them, since people search them by their lines: metrics and the
 * labels of each by name, the bound of a bucket last, numbers with an exponent from a million on.
 * A few metrics in a turn: all of them together take long.
 */
export async function writeMetrics(registry: Registry, rules?: MetricRules): Promise<string> {
  const texts: string[] = []
  let length = 0
  const metrics = registry.getMetricsAsArray() as unknown as readonly Readable[]
  for (const metric of metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (length >= WRITTEN_AT_ONCE) {
      await setImmediate()
      length = 0
    }
    const found = await metric.get()
    const shown = rules === undefined ? found : rules.apply(found)
    if (shown === undefined) continue
    const text = textOf(shown)
    texts.push(text)
    length += text.length
  }
  return texts.join('')
}

interface Readable {
  readonly name: string
  get(): Promise<ShownMetric>
}

function textOf({ name, help, type, values }: ShownMetric): string {
  let text = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
  for (const { metricName = name, labels, value } of values) {
    text += `${metricName}${labelsOf(labels)} ${numberOf(value)}\n`
  }
  return text
}

function labelsOf(labels: Sample['labels']): string {
  const { le, ...others } = labels
  let text = ''
  for (const label of Object.keys(others).toSorted()) {
    text += `,${label}="${escapeValue(String(others[label]))}"`
  }
  if (le !== undefined) text += `,le="${numberOf(Number(le === '+Inf' ? Infinity : le))}"`
  return text === '' ? '' : `{${text.slice(1)}}`
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return formatGoNumber(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeValue(text: string): string {
  return /["\\\n]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text
}
