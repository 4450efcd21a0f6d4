import type { Clock } from '../../../base/clock.ts'
import { parseJson } from '../../../base/json.ts'
import type { Logger } from '../../../base/logger.ts'
import { type QueueMeters, WorkQueue } from '../../../client/work-queue.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { UserInfo } from '../../request.ts'
import type { ApiServiceTable, RemoteApiService } from './api-service-table.ts'
import { type Swagger, swaggerBelow } from './merge-swagger.ts'
import type { RemoteOpenApi } from './merged-open-api.ts'
import type { RemoteAnswer, RemoteServers } from './remote-server.ts'
import { withinTime } from './within-time.ts'
import { runWorkers } from './work.ts'

export interface OpenApiControllerOptions {
  readonly table: ApiServiceTable
  readonly servers: RemoteServers
  readonly clock: Clock
  readonly logger: Logger
  /** Is given all that other servers publish whenever it has changed. */
  readonly publish: (remote: RemoteOpenApi) => void
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

const WORKERS = 1
/** As upstream: what succeeded is looked at again after a minute, else up to an hour later. */
const REFRESH_MS = 60_000
const RETRY = { baseDelayMs: REFRESH_MS, maxDelayMs: 60 * 60_000 }
const TIMEOUT_MS = 60_000
/** As whom types are asked for; upstream's name. */
const AGGREGATOR: UserInfo = {
  name: 'system:aggregator',
  groups: ['system:masters', 'system:authenticated'],
}

type Index = Readonly<Record<string, { readonly serverRelativeURL: string }>>

/** What one server has published last. */
interface Published {
  readonly index: Index
  readonly swagger: Swagger | undefined
  /** Of its `/openapi/v2`, whole. */
  readonly etag: string
}

const NOTHING: Published = { index: {}, swagger: undefined, etag: '' }

/** Keeps what is known of the types of aggregated servers. */
export class OpenApiController {
  readonly #options: OpenApiControllerOptions
  readonly #queue: WorkQueue
  /** By the name of the APIService. */
  readonly #published = new Map<string, Published>()
  /** By the path of a v3 document: the name of the APIService whose server has it. */
  readonly #owners = new Map<string, string>()

  constructor(options: OpenApiControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      options.clock,
      RETRY,
      options.queues?.meterOf('open_api_v3_aggregation_controller'),
    )
    options.table.onChange((name) => this.#onChange(name))
  }

  /** The server that has the v3 document `apis/GROUP/VERSION`; undefined where it is ours. */
  ownerOf(path: string): RemoteApiService | undefined {
    const name = this.#owners.get(path)
    return name === undefined ? undefined : this.#options.table.remote(name)
  }

  /** Resolves when the signal has aborted and all is at rest. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#queue.shutDown(), { once: true })
    const sync = (name: string) => this.#sync(name, signal)
    await runWorkers(this.#queue, WORKERS, sync, this.#options.logger)
  }

  #onChange(name: string): void {
    const remote = this.#options.table.remote(name)
    if (remote === undefined) {
      if (this.#published.delete(name)) this.#publish()
    } else if (remote.isAvailable) {
      this.#queue.forget(name)
      this.#queue.add(name)
    }
  }

  async #sync(name: string, signal: AbortSignal): Promise<void> {
    const { table, clock } = this.#options
    const remote = table.remote(name)
    if (remote === undefined || !remote.isAvailable) return
    const known = this.#published.get(name) ?? NOTHING
    const found = await withinTime(clock, TIMEOUT_MS, signal, (ending) =>
      this.#fetch(remote, known, ending),
    )
    if (table.remote(name) === undefined) return
    this.#published.set(name, found)
    if (!deepEqual(known.index, found.index) || known.swagger !== found.swagger) this.#publish()
    this.#queue.addAfter(name, REFRESH_MS)
  }

  async #fetch(
    remote: RemoteApiService,
    known: Published,
    signal: AbortSignal,
  ): Promise<Published> {
    const { servers } = this.#options
    const { group = '', version = '' } = remote.object.spec
    const get = (path: string, headers: Record<string, string> = {}) =>
      servers.get(remote, path, { accept: 'application/json', ...headers }, signal, AGGREGATOR)
    const index = await get('/openapi/v3')
    const found = index.code === 200 ? indexOf(index, `apis/${group}`) : {}
    const ifChanged = known.etag === '' ? {} : { 'if-none-match': known.etag }
    const swagger = await get('/openapi/v2', ifChanged)
    if (swagger.code === 304) return { ...known, index: found }
    if (swagger.code !== 200) return { index: found, swagger: undefined, etag: '' }
    const whole = parseJson(swagger.body.toString()) as Swagger
    const etag = swagger.headers['etag'] ?? ''
    const own = swaggerBelow(whole, `/apis/${group}/${version}/`)
    return { index: found, swagger: own, etag }
  }

  #publish(): void {
    const { table } = this.#options
    const index: [string, { readonly serverRelativeURL: string }][] = []
    const swagger: { readonly priority: number; readonly part: Swagger }[] = []
    this.#owners.clear()
    for (const [name, published] of this.#published) {
      for (const [path, entry] of Object.entries(published.index)) {
        if (this.#owners.has(path)) continue
        this.#owners.set(path, name)
        index.push([path, entry])
      }
      const priority = table.get(name)?.spec.groupPriorityMinimum ?? 0
      if (published.swagger !== undefined) swagger.push({ priority, part: published.swagger })
    }
    this.#options.publish({
      index: new Map(index),
      swagger: swagger.toSorted((a, b) => b.priority - a.priority).map(({ part }) => part),
    })
  }
}

/** Every server publishes `/version` and the like: only what is below its own group counts. */
function indexOf({ body }: RemoteAnswer, prefix: string): Index {
  const { paths = {} } = parseJson(body.toString()) as { readonly paths?: Index }
  const own = Object.entries(paths).filter(
    ([path]) => path === prefix || path.startsWith(`${prefix}/`),
  )
  return Object.fromEntries(own)
}
