import { MetricRules } from '../apiserver/endpoints/metric-rules.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import { decodeYaml } from '../machinery/codec/yaml.ts'
import { isJsonObject } from '../machinery/json-value.ts'

/** Upstream's flags of which metrics are shown, and how. */
export interface MetricFlags {
  readonly disabledMetrics?: readonly string[]
  /** Each `metric,label=value,value`, or several of them in quotes, as Go's flags read maps. */
  readonly allowMetricLabels?: readonly string[]
  readonly allowMetricLabelsManifest?: string
  readonly showHiddenMetricsForVersion?: string
}

const KEY = /^[a-zA-Z_:][a-zA-Z0-9_:]*,[a-zA-Z_][a-zA-Z0-9_]*$/
/** The release before this one: what it showed may be shown again. */
const PREVIOUS = '1.35'

/** What the flags ask for; undefined where everything is shown as it is. Throws as upstream. */
export async function readMetricRules(
  flags: MetricFlags,
  { files, logger }: { readonly files: FileSystem; readonly logger: Logger },
): Promise<MetricRules | undefined> {
  const { allowMetricLabelsManifest: path, showHiddenMetricsForVersion: shown = '' } = flags
  if (shown !== '' && shown !== PREVIOUS) {
    const only = 'Only the previous minor version is allowed'
    throw new Error(
      `--show-hidden-metrics-for-version must be omitted or have the value '${PREVIOUS}'. ${only}`,
    )
  }
  const given = (flags.allowMetricLabels ?? []).flatMap(pairsOf)
  if (given.length > 0 && path) {
    throw new Error('use one of --allow-metric-labels and --allow-metric-labels-manifest')
  }
  const wrong = given.find(([key]) => !KEY.test(key))
  if (wrong !== undefined) {
    throw new Error(`--allow-metric-labels: "${wrong[0]}" is not of the form metricName,labelName`)
  }
  const pairs = path ? await readManifest(path, files, logger) : given
  const disabled = flags.disabledMetrics ?? []
  if (disabled.length === 0 && pairs.length === 0) return undefined
  return new MetricRules(disabled, byMetric(pairs))
}

type Pair = readonly [key: string, values: string]

/** As pflag's StringToString: one pair with commas and all, or lines of CSV with several. */
function pairsOf(text: string): readonly Pair[] {
  const isOne = text.split('=').length === 2
  const parts = isOne ? [text.replace(/^"|"$/g, '')] : fieldsOfCsv(text)
  return parts.map((part) => {
    const equals = part.indexOf('=')
    if (equals < 0) throw new Error(`--allow-metric-labels: ${part} must be formatted as key=value`)
    return [part.slice(0, equals), part.slice(equals + 1)]
  })
}

function fieldsOfCsv(text: string): readonly string[] {
  const fields = text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return [...fields].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain)
}

/** As upstream, a manifest that cannot be read is told of, and changes nothing. */
async function readManifest(
  path: string,
  files: FileSystem,
  logger: Logger,
): Promise<readonly Pair[]> {
  try {
    const { value } = decodeYaml(Buffer.from(await files.readFile(path)).toString())
    if (!isJsonObject(value)) throw new Error('it is no map')
    return Object.entries(value).map(([key, values]): Pair => {
      if (!KEY.test(key) || typeof values !== 'string') throw new Error(`${key} is no label`)
      return [key, values]
    })
  } catch (error) {
    logger.error('reading the allowed labels of metrics failed', { path, error })
    return []
  }
}

function byMetric(pairs: readonly Pair[]) {
  const metrics = new Map<string, Map<string, ReadonlySet<string>>>()
  for (const [key, values] of pairs) {
    const [metric = '', label = ''] = key.split(',')
    const labels = metrics.get(metric) ?? new Map<string, ReadonlySet<string>>()
    labels.set(label, new Set(values.split(',')))
    metrics.set(metric, labels)
  }
  return metrics
}
