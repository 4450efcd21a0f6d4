import { Counter, Gauge } from 'prom-client'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { metricsReset, respondWithText } from './document.ts'
import { LevelledRegistry } from './metric-registry.ts'
import { writeMetrics } from './write-metrics.ts'

export type HealthPath = 'healthz' | 'livez' | 'readyz'

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string
  /** It can be left out by this name, too. */
  readonly group?: string | undefined
  /** Where it counts: what is only not ready yet must not get the process killed. */
  readonly paths: readonly HealthPath[]
  /** Throws, or rejects, with what is wrong. */
  check(): void | Promise<void>
}

const ALL_PATHS: readonly HealthPath[] = ['healthz', 'livez', 'readyz']

/** That the server answers at all. */
export const PING: HealthCheck = { name: 'ping', paths: ALL_PATHS, check: () => {} }

/** That the server can tell its log what goes on. */
const loggingCheck = (logger: Logger): HealthCheck => ({
  name: 'log',
  paths: ALL_PATHS,
  check: () => logger.debug('health is asked for'),
})

interface Outcome {
  readonly line: string
  readonly isFailure: boolean
}

/** `/healthz`, `/livez` and `/readyz`, whole and check by check, with upstream's texts. */
export class HealthEndpoints {
  readonly #checks: readonly HealthCheck[]
  readonly #logger: Logger
  readonly #registry = new LevelledRegistry()
  readonly #latest: Gauge
  readonly #results: Counter

  constructor(checks: readonly HealthCheck[], logger: Logger) {
    this.#checks = [PING, loggingCheck(logger), ...checks]
    this.#logger = logger
    const registers = [this.#registry]
    this.#latest = new Gauge({
      name: 'kubernetes_healthcheck',
      help: 'The latest result of each health check: 1 is well.',
      labelNames: ['name', 'type'],
      registers,
    })
    this.#results = new Counter({
      name: 'kubernetes_healthchecks_total',
      help: 'How often each health check was well, and how often not.',
      labelNames: ['name', 'status', 'type'],
      registers,
    })
  }

  /** What `/metrics/slis` shows: how the checks went, by which availability is judged. */
  async metrics(): Promise<ServerResponse> {
    const contentType = `${this.#registry.contentType}; escaping=underscores`
    return respondWithText(await writeMetrics(this.#registry), 200, contentType, {})
  }

  /** Forgets how they went until now. */
  resetMetrics(): ServerResponse {
    this.#registry.resetMetrics()
    return metricsReset()
  }

  /** All paths that are answered here, for the index. */
  get paths(): readonly string[] {
    return ALL_PATHS.flatMap((path) => [
      `/${path}`,
      ...this.#checksOf(path).map(({ name }) => `/${path}/${name}`),
    ])
  }

  /** Undefined where the path is no check's. */
  async answer({ path, query }: ServerRequest): Promise<ServerResponse | undefined> {
    const [, root = '', ...rest] = path.split('/')
    const kind = ALL_PATHS.find((one) => one === root)
    if (kind === undefined) return undefined
    const name = rest.join('/')
    if (rest.length === 0) return this.#answerAll(kind, query)
    const check = this.#checksOf(kind).find((one) => one.name === name)
    if (check === undefined) return undefined
    const error = await failureOf(check)
    if (error === undefined) return respondWithText('ok', 200, undefined, {})
    return respondWithText(`internal server error: ${error}\n`, 500)
  }

  async #answerAll(kind: HealthPath, query: URLSearchParams): Promise<ServerResponse> {
    const excluded = new Set(query.getAll('exclude'))
    const unknown = new Set(excluded)
    const outcomes = await Promise.all(
      this.#checksOf(kind).map((check) => {
        unknown.delete(excluded.has(check.name) ? check.name : (check.group ?? ''))
        return this.#run(kind, check, excluded)
      }),
    )
    const lines = outcomes.map(({ line }) => line)
    if (unknown.size > 0) {
      const names = [...unknown]
        .toSorted()
        .map((name) => JSON.stringify(name))
        .join(',')
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`)
    }
    const text = `${lines.join('\n')}\n`
    if (outcomes.some(({ isFailure }) => isFailure)) {
      return respondWithText(`${text}${kind} check failed\n`, 500)
    }
    return respondWithText(query.has('verbose') ? `${text}${kind} check passed\n` : 'ok')
  }

  /** The reason is withheld: everybody may ask, and only administrators read the log. */
  async #run(
    kind: HealthPath,
    check: HealthCheck,
    excluded: ReadonlySet<string>,
  ): Promise<Outcome> {
    const { name, group } = check
    if (excluded.has(name)) return { line: `[+]${name} excluded: ok`, isFailure: false }
    if (group !== undefined && excluded.has(group)) {
      return { line: `[+]${name} excluded with ${group}: ok`, isFailure: false }
    }
    const error = await failureOf(check)
    const isWell = error === undefined
    this.#latest.set({ name, type: kind }, isWell ? 1 : 0)
    this.#results.inc({ name, type: kind, status: isWell ? 'success' : 'error' })
    if (isWell) return { line: `[+]${name} ok`, isFailure: false }
    this.#logger.info('a health check failed', { path: kind, check: name, error })
    return { line: `[-]${name} failed: reason withheld`, isFailure: true }
  }

  #checksOf(path: HealthPath): readonly HealthCheck[] {
    return this.#checks.filter(({ paths }) => paths.includes(path))
  }
}

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check()
    return undefined
  } catch (error) {
    return formatError(error)
  }
}
