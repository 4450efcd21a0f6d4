import { setMaxListeners } from 'node:events'
import type { ComponentHealth } from '../apiserver/component-statuses.ts'
import type { Component } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'

/** Components that start and stop together. One that fails is told and ends alone. */
export class ComponentGroup {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>[] = []
  readonly #logger: Logger
  readonly #names = new Set<string>()

  constructor(logger: Logger) {
    setMaxListeners(0, this.#stop.signal) // As many as there are components and their parts.
    this.#logger = logger
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  start(component: Component): void {
    const logger = this.#logger.with({ component: component.name })
    const running = component.run(this.#stop.signal).catch((error) => {
      if (!this.#stop.signal.aborted) {
        logger.error('component ended', { error: formatError(error) })
      }
    })
    this.#names.add(component.name)
    this.#running.push(running.finally(() => this.#names.delete(component.name)))
  }

  /** Throws unless the component runs; `ok`, as its health endpoint would say, where it does. */
  check(name: string): ComponentHealth {
    if (!this.#names.has(name)) throw new Error(`${name} does not run`)
    return { status: 'True', message: 'ok' }
  }

  /** Resolves when all are at rest. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }
}
