import type { Clock } from '../../base/clock.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { canonicalImageName } from '../../cri/images/reference.ts'
import type { Image } from '../../cri/messages/image.ts'
import type { PodSandboxConfig } from '../../cri/messages/sandbox.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import { formatDuration } from '../../machinery/duration.ts'
import type { Container } from '../pod-types.ts'
import { EVENT, WAITING } from '../reasons.ts'
import type { PodEvents } from '../runtime/pod-events.ts'
import type { ImageUser } from '../runtime/security-context.ts'
import { StartError } from '../runtime/start-error.ts'
import { BackOff } from './back-off.ts'
import { registryCredentials } from './registry-credentials.ts'

/** An image that is on the machine. */
export interface PresentImage {
  /** As the runtime knows it. */
  readonly ref: string
  readonly user: ImageUser
  /** It was there already: to be said when a container starts from it. */
  readonly wasPresent: boolean
}

export interface PullContext {
  readonly sandboxConfig: PodSandboxConfig
  readonly pullSecrets: readonly Secret[]
  /** Ends a pull that nobody waits for any more. */
  readonly signal: AbortSignal
}

/** Sees to it that images are there when containers start, by their pull policies. */
export class ImagePuller {
  readonly #runtime: ContainerRuntime
  readonly #clock: Clock
  readonly #events: PodEvents
  readonly #backOff: BackOff
  readonly #onPulled: () => void
  readonly #lastFailures = new Map<string, string>()

  constructor(runtime: ContainerRuntime, clock: Clock, events: PodEvents, onPulled: () => void) {
    this.#onPulled = onPulled
    this.#runtime = runtime
    this.#clock = clock
    this.#events = events
    this.#backOff = new BackOff(clock)
  }

  /** Throws a StartError with upstream's reason and text where the image cannot be had. */
  async ensure(pod: Pod, container: Container, context: PullContext): Promise<PresentImage> {
    const requested = container.image ?? ''
    const image = this.#withTag(pod, container, requested)
    if (container.imagePullPolicy !== 'Always') {
      const present = await this.#inspect(pod, container, image)
      if (present !== undefined) return present
      if (container.imagePullPolicy === 'Never') {
        const message = `Container image "${requested}" is not present with pull policy of Never`
        this.#events.container(pod, container, 'Warning', EVENT.neverPull, message)
        throw new StartError(WAITING.imageNeverPull, message)
      }
    }
    return this.#pull(pod, container, requested, image, context)
  }

  /** Says that a container starts from an image that was there. */
  announce(pod: Pod, container: Container, { wasPresent }: PresentImage): void {
    if (!wasPresent) return
    const message =
      `Container image "${container.image ?? ''}" already present on machine and can be ` +
      'accessed by the pod'
    this.#events.container(pod, container, 'Normal', EVENT.pulled, message)
  }

  forget(uid: string): void {
    this.#backOff.forget(`${uid}_`)
    for (const key of this.#lastFailures.keys()) {
      if (key.startsWith(`${uid}_`)) this.#lastFailures.delete(key)
    }
  }

  #withTag(pod: Pod, container: Container, requested: string): string {
    try {
      canonicalImageName(requested)
    } catch (error) {
      const why = (error as Error).message
      const message = `Failed to apply default image tag "${requested}": ${why}`
      this.#events.container(pod, container, 'Warning', EVENT.inspectFailed, message)
      throw new StartError(WAITING.invalidImageName, message)
    }
    const hasTag = requested.includes('@') || /:[^/]*$/.test(requested)
    return hasTag ? requested : `${requested}:latest`
  }

  async #inspect(pod: Pod, container: Container, image: string): Promise<PresentImage | undefined> {
    try {
      const found = await this.#runtime.imageStatus({ image })
      return found === undefined ? undefined : toPresent(found, true)
    } catch (error) {
      const message = `Failed to inspect image "": ${(error as Error).message}`
      this.#events.container(pod, container, 'Warning', EVENT.inspectFailed, message)
      throw new StartError(WAITING.imageInspect, message)
    }
  }

  async #pull(
    pod: Pod,
    container: Container,
    requested: string,
    image: string,
    context: PullContext,
  ): Promise<PresentImage> {
    const key = `${pod.metadata.uid}_${requested}`
    const waitMs = this.#backOff.remainingSinceFailureMs(key)
    if (waitMs > 0) {
      const message = `Back-off pulling image "${requested}"`
      this.#events.container(pod, container, 'Normal', EVENT.backOff, message)
      const last = this.#lastFailures.get(key)
      const full = last === undefined ? message : `${message}: ${last}`
      throw new StartError(WAITING.imagePullBackOff, full, waitMs)
    }
    this.#lastFailures.delete(key)
    this.#events.container(pod, container, 'Normal', EVENT.pulling, `Pulling image "${requested}"`)
    const startedMs = this.#clock.monotonic()
    try {
      const ref = await this.#pullWithCredentials(image, context)
      this.#onPulled()
      const found = await this.#runtime.imageStatus({ image: ref })
      const took = formatDuration(Math.floor(this.#clock.monotonic() - startedMs))
      this.#events.container(
        pod,
        container,
        'Normal',
        EVENT.pulled,
        `Successfully pulled image "${requested}" in ${took} (${took} including waiting). ` +
          `Image size: ${found?.size ?? 0} bytes.`,
      )
      return toPresent(found ?? { id: ref, username: '' }, false)
    } catch (error) {
      if (context.signal.aborted) throw error
      const { reason, message } = pullFailure(requested, error)
      this.#events.container(
        pod,
        container,
        'Warning',
        EVENT.failed,
        `Failed to pull image "${requested}": ${(error as Error).message}`,
      )
      this.#backOff.next(key, this.#clock.now())
      this.#lastFailures.set(key, `${reason}: ${message}`)
      throw new StartError(reason, message)
    }
  }

  async #pullWithCredentials(
    image: string,
    { pullSecrets, sandboxConfig, signal }: PullContext,
  ): Promise<string> {
    const credentials = registryCredentials(image, pullSecrets)
    const attempts = credentials.length === 0 ? [undefined] : credentials
    const errors: unknown[] = []
    for (const auth of attempts) {
      try {
        return await this.#runtime.pullImage({ image }, auth, sandboxConfig, { signal })
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length === 1) throw errors[0]
    throw new Error(`[${errors.map((error) => (error as Error).message).join(', ')}]`)
  }
}

const REGISTRY_UNAVAILABLE = 'RegistryUnavailable'
const SIGNATURE_INVALID = 'SignatureValidationFailed'

/** Some runtimes say in the error's first word what sort of failure it was. */
function pullFailure(image: string, error: unknown): { reason: string; message: string } {
  const text = (error as Error).message
  if (text.startsWith(REGISTRY_UNAVAILABLE)) {
    const rest = text.slice(REGISTRY_UNAVAILABLE.length)
    const message = `image pull failed for ${image} because the registry is unavailable${rest}`
    return { reason: WAITING.registryUnavailable, message }
  }
  if (text.startsWith(SIGNATURE_INVALID)) {
    const rest = text.slice(SIGNATURE_INVALID.length)
    const message = `image pull failed for ${image} because the signature validation failed${rest}`
    return { reason: WAITING.signatureValidationFailed, message }
  }
  return { reason: WAITING.imagePull, message: text }
}

function toPresent(
  { id, uid, username }: Pick<Image, 'id' | 'uid' | 'username'>,
  wasPresent: boolean,
): PresentImage {
  const isRoot = uid === undefined && username === ''
  return { ref: id, user: isRoot ? { uid: 0, username } : { uid, username }, wasPresent }
}
