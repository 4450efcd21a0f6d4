import type { Clock } from '../base/clock.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import { StatusError } from '../machinery/status-error.ts'
import {
  AdmissionChain,
  type AdmissionObserver,
  type AdmissionPlugin,
} from './admission/admission.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { type Answer, type Filter, type Handler, withFilters } from './handler.ts'
import type { RegistryHooks } from './registry/registry-hooks.ts'
import type { ResourceTable } from './registry/resource-table.ts'
import type { ServerRequest } from './request.ts'
import { errorResponse, type ServerResponse } from './response.ts'
import { dispatch, type SubresourceHandler, type VirtualHandler } from './verbs/dispatch.ts'
import { noSuchPath } from './verbs/routes.ts'

export interface ApiServerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly resources: ResourceTable
  /** A request's way to its verb, the first one outermost. */
  readonly filters: readonly Filter[]
  /** For what needs a right beside that to the request itself; refused when absent. */
  readonly authorizer?: Authorizer
  /** In their order. */
  readonly admissionPlugins: readonly AdmissionPlugin[]
  readonly admissionObserver?: AdmissionObserver
  /** Upstream's `--min-request-timeout`; 1800 when absent. */
  readonly shortestWatchSeconds?: number | undefined
  /** By `group/plural`, such as `/services`. */
  readonly hooks?: ReadonlyMap<string, RegistryHooks>
  /** By `group/plural/subresource`, such as `/pods/log`. */
  readonly subresources?: ReadonlyMap<string, SubresourceHandler>
  /** By `group/plural`: kinds that are answered, not stored. */
  readonly virtual?: ReadonlyMap<string, VirtualHandler>
  /** Whatever is no resource request: discovery, OpenAPI, health. */
  readonly others?: Handler
}

/** The Kubernetes API over its resources: one handler for every request, on the wire or not. */
export class ApiServer {
  readonly resources: ResourceTable
  readonly #handle: Handler
  readonly #logger: Logger
  readonly #admission: AdmissionChain

  constructor(options: ApiServerOptions) {
    this.resources = options.resources
    this.#logger = options.logger
    this.#admission = new AdmissionChain(options.admissionPlugins, options.admissionObserver)
    const verb = dispatch({
      clock: options.clock,
      random: options.random,
      resources: options.resources,
      admission: this.#admission,
      authorizer: options.authorizer,
      shortestWatchSeconds: options.shortestWatchSeconds,
      hooksOf: ({ store: { kind } }) => options.hooks?.get(`${kind.group}/${kind.plural}`),
      subresources: options.subresources ?? new Map(),
      virtual: options.virtual ?? new Map(),
      others: options.others ?? (() => Promise.reject(noSuchPath())),
    })
    this.#handle = withFilters(options.filters, verb)
  }

  /** Answers every request; a failure is answered with its Status, never thrown. */
  handle(request: ServerRequest): Answer {
    try {
      const answer = this.#handle(request)
      if (!(answer instanceof Promise)) return answer
      return answer.catch((error: unknown) => this.#failed(request, error))
    } catch (error) {
      return this.#failed(request, error)
    }
  }

  #failed(request: ServerRequest, error: unknown): ServerResponse {
    if (!(error instanceof StatusError)) this.#logUnexpected(request, error)
    return errorResponse(error)
  }

  /** The client is told only that it happened: what went wrong is for those who run the server. */
  #logUnexpected({ method, path, signal }: ServerRequest, error: unknown): void {
    if (signal.aborted) return
    const stack = error instanceof Error ? error.stack : undefined
    this.#logger.error('a request failed', { method, path, error: formatError(error), stack })
  }

  /** Ends all watches. The storage stays open. */
  close(): void {
    this.#admission.close()
    this.resources.close()
  }
}
