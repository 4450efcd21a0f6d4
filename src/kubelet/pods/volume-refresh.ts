import type { Pod } from '../../kinds/core/v1/pod.ts'
import { EVENT } from '../reasons.ts'
import { VolumesError } from '../volumes/pod-files.ts'
import type { PodServices } from './pod-services.ts'
import { RETRY_MS } from './pod-syncer.ts'

/** Keeps the volumes of a pod that runs up to date. */
export class VolumeRefresh {
  readonly #services: PodServices
  #isDue = false
  /** When volumes must be renewed (epoch, ms); 0 until that is known. */
  #renewAtMs = 0

  constructor(services: PodServices) {
    this.#services = services
  }

  /** What volumes hold may have changed. */
  request(): void {
    this.#isDue = true
  }

  /** How long until something has to be renewed. */
  get delayMs(): number | undefined {
    return this.#renewAtMs === 0 ? undefined : this.#renewAtMs - this.#services.clock.now()
  }

  /** Containers run on with the old content if it fails. */
  async run(pod: Pod): Promise<void> {
    const { clock, files, events } = this.#services
    if (!this.#isDue && clock.now() < this.#renewAtMs) return
    this.#isDue = false
    try {
      this.#renewAtMs = (await files.setUp(pod)).renewMs ?? Number.POSITIVE_INFINITY
    } catch (error) {
      if (!(error instanceof VolumesError)) throw error
      this.#renewAtMs = clock.now() + RETRY_MS
      for (const { volume, message } of error.failures) {
        const text = `MountVolume.SetUp failed for volume "${volume}" : ${message}`
        events.pod(pod, 'Warning', EVENT.failedMount, text)
      }
    }
  }
}
