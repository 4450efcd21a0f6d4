import type { Clock } from '../../../base/clock.ts'
import { stringifyJson } from '../../../base/json.ts'
import { type Random, uuid } from '../../../base/random.ts'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { isJsonObject, sortedJson } from '../../../machinery/json-value.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { StatusError } from '../../../machinery/status-error.ts'
import type { WebhookClient } from '../../webhooks/webhook-client.ts'
import type { WebhookClientConfig } from '../../webhooks/webhook-client-config.ts'
import { ConvertedObjectError, checkConverted, restoreMetadata } from './converted-object.ts'
import { type Converter, renamingConverter } from './converter.ts'
import type { ConversionFailure, CustomResourceMetrics } from './custom-resource-metrics.ts'

const GROUP = 'apiextensions.k8s.io'
/** Those that are spoken here; a definition names others, too, for other servers. */
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1']

/** How many objects a webhook is asked for together. */
const MOST_AT_ONCE = 100

export interface WebhookConverterOptions {
  readonly definition: CustomResourceDefinition
  readonly client: Pick<WebhookClient, 'post'>
  readonly random: Random
  readonly clock: Clock
  readonly metrics?: CustomResourceMetrics | undefined
}

/** The strategy `Webhook`: a server that the definition names converts its objects. */
export class WebhookConverter implements Converter {
  readonly #client: Pick<WebhookClient, 'post'>
  readonly #random: Random
  readonly #clock: Clock
  readonly #metrics: CustomResourceMetrics | undefined
  readonly #definition: string
  readonly #config: WebhookClientConfig
  readonly #reviewVersion: string | undefined

  constructor({ definition, client, random, clock, metrics }: WebhookConverterOptions) {
    const { clientConfig = {}, conversionReviewVersions = [] } =
      definition.spec.conversion.webhook ?? {}
    this.#client = client
    this.#random = random
    this.#clock = clock
    this.#metrics = metrics
    this.#definition = definition.metadata.name
    this.#config = configOf(clientConfig)
    this.#reviewVersion = conversionReviewVersions.find((one) => REVIEW_VERSIONS.includes(one))
  }

  async convertAll(
    objects: readonly KubeObject[],
    apiVersion: string,
  ): Promise<readonly KubeObject[]> {
    const others = objects.filter((object) => object.apiVersion !== apiVersion && !isEmpty(object))
    const converted = await this.#askForAll(others, apiVersion)
    const byOriginal = new Map(others.map((object, index) => [object, converted[index]]))
    const renamed = await renamingConverter.convertAll(objects, apiVersion)
    return objects.map((object, index) => byOriginal.get(object) ?? (renamed[index] as KubeObject))
  }

  /**
   * Some at a time. Upstream asks for each object alone, so there are webhooks that know nothing
   * else: where they fail, each is asked for, and what is said is said of one.
   */
  async #askForAll(
    objects: readonly KubeObject[],
    apiVersion: string,
  ): Promise<readonly KubeObject[]> {
    const converted: KubeObject[] = []
    for (let at = 0; at < objects.length; at += MOST_AT_ONCE) {
      const portion = objects.slice(at, at + MOST_AT_ONCE)
      try {
        converted.push(...(await this.#ask(portion, apiVersion)))
      } catch (error) {
        if (portion.length === 1) throw error
        for (const object of portion) converted.push(...(await this.#ask([object], apiVersion)))
      }
    }
    return converted
  }

  async #ask(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> {
    const [first] = objects
    const began = this.#clock.monotonic()
    // What is under way, and so what failed if it does not come to its end.
    let stage: ConversionFailure | undefined = 'call'
    try {
      const what = `conversion webhook for ${first === undefined ? '' : kindText(first)}`
      const read = await this.#post(objects, apiVersion, what)
      stage = 'malformed_response'
      const answers = read()
      stage = 'partial_response'
      if (answers.length !== objects.length) {
        throw failure(`${what} returned ${answers.length} objects, expected ${objects.length}`)
      }
      stage = 'invalid'
      const converted = objects.map((one, index) => readConverted(one, answers[index], apiVersion))
      stage = undefined
      return converted
    } finally {
      this.#metrics?.noteConversion({
        definition: this.#definition,
        from: versionOf(first?.apiVersion ?? ''),
        to: versionOf(apiVersion),
        seconds: (this.#clock.monotonic() - began) / 1000,
        failure: stage,
      })
    }
  }

  /** Asks, and gives what reads the answer; both fail in the same words. */
  async #post(
    objects: readonly KubeObject[],
    desiredAPIVersion: string,
    what: string,
  ): Promise<() => readonly unknown[]> {
    const version = this.#reviewVersion
    if (version === undefined) throw failure('no supported conversion review versions')
    const uid = uuid(this.#random)
    const apiVersion = `${GROUP}/${version}`
    const review = {
      kind: 'ConversionReview',
      apiVersion,
      request: { uid, desiredAPIVersion, objects },
      response: { uid: '', convertedObjects: null, result: { metadata: {} } },
    }
    const otherVersions = REVIEW_VERSIONS.filter((one) => one !== version)
    const expected = {
      ...{ apiVersion, kind: 'ConversionReview' },
      otherVersions: otherVersions.map((one) => `${GROUP}/${one}`),
    }
    const failed = (error: unknown) => failure(`${what} failed: ${(error as Error).message}`)
    const traced = () => ({
      name: 'Call conversion webhook',
      attributes: {
        'custom-resource-definition': this.#definition,
        'desired-api-version': desiredAPIVersion,
        'object-count': objects.length,
        UID: uid,
      },
    })
    const asking = this.#client.post(this.#config, review, expected, { traced })
    const answer = await asking.catch((error) => {
      throw failed(error)
    })
    return () => {
      try {
        return convertedIn(answer, version === 'v1' ? uid : undefined)
      } catch (error) {
        throw failed(error)
      }
    }
  }
}

/** A bundle of nothing but white space is none. */
function configOf({ caBundle, ...config }: WebhookClientConfig): WebhookClientConfig {
  const isBlank =
    Buffer.from(caBundle ?? '', 'base64')
      .toString()
      .trim() === ''
  return isBlank ? config : { ...config, caBundle }
}

/** The objects of an answer. `uid`: that of the request, where the answer must name it. */
function convertedIn(
  { apiVersion = '', kind = '', response }: Readonly<Record<string, unknown>>,
  uid: string | undefined,
): readonly unknown[] {
  if (uid !== undefined && (apiVersion !== `${GROUP}/v1` || kind !== 'ConversionReview')) {
    const got = `${withGroup(String(apiVersion))}, Kind=${String(kind)}`
    throw new Error(`expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${got}`)
  }
  if (!isJsonObject(response)) throw new Error('no response provided')
  const { uid: own = '', result, convertedObjects } = response
  if (uid !== undefined && own !== uid) {
    const expected = JSON.stringify(uid)
    throw new Error(`expected response.uid=${expected}, got ${JSON.stringify(own)}`)
  }
  const { status = '', message = '' } = isJsonObject(result) ? result : {}
  if (status !== 'Success') {
    const why = `response.result.status was '${String(status)}', not 'Success'`
    throw new Error(message === '' ? why : String(message))
  }
  return Array.isArray(convertedObjects) ? convertedObjects : []
}

/** The answer for one object, with the metadata that no webhook may change. */
function readConverted(object: KubeObject, answer: unknown, expected: string): KubeObject {
  const kind = isJsonObject(answer) ? answer['kind'] : undefined
  if (!isJsonObject(answer) || typeof kind !== 'string' || kind === '') {
    throw failure(`Object 'Kind' is missing in '${stringifyJson(sortedJson(answer))}'`)
  }
  const what = `conversion webhook for ${kindText(object)} returned invalid`
  const { apiVersion } = answer
  if (apiVersion !== expected) {
    const received = `expected ${expected}, received ${String(apiVersion ?? '')}`
    throw failure(`${what} object at index 0: invalid groupVersion (${received})`)
  }
  if (kind !== object.kind) {
    const received = `expected ${object.kind}, received ${kind}`
    throw failure(`${what} object at index 0: invalid kind (${received})`)
  }
  try {
    checkConverted(object, answer)
  } catch (error) {
    throw asFailure(`${what} object`, error)
  }
  try {
    return restoreMetadata(object, answer)
  } catch (error) {
    throw asFailure(`${what} metadata`, error)
  }
}

function asFailure(what: string, error: unknown): unknown {
  return error instanceof ConvertedObjectError ? failure(`${what}: ${error.message}`) : error
}

/** Upstream has no reason for it: 500, with the text alone. */
function failure(message: string): StatusError {
  return new StatusError('', message)
}

/** Nothing but what an object is: nobody needs to be asked. */
function isEmpty(object: KubeObject): boolean {
  return Object.keys(object).length === 2
}

function kindText({ apiVersion, kind }: KubeObject): string {
  return `${withGroup(apiVersion)}, Kind=${kind}`
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

function withGroup(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
}
