import { setImmediate } from 'node:timers/promises'
import { MadeOnce } from '../../base/made-once.ts'
import { drain, type Sliced } from '../../base/slices.ts'
import { encodeSwagger } from '../codec/protobuf/swagger.ts'
import { compareGroups, compareVersions } from '../group-priority.ts'
import { groupDocument, groupsDocument } from './discovery-paths.ts'
import { documentV2 } from './document-v2.ts'
import {
  BEARER_TOKEN,
  documentV3,
  type OpenApiSource,
  pathParts,
  sortedEntries,
} from './document-v3.ts'
import { type EncodedDocument, encodeDocument, withHash } from './encode-document.ts'
import { INFO } from './names.ts'
import type { Operation } from './operation.ts'
import { Definitions, type Part } from './schema-object.ts'
import { componentsPart, SERVER_PATHS, serverOperations } from './server-paths.ts'

/** Lets other work go first, for as long as there is some. */
export type Pause = () => Promise<unknown>

/**
 * The OpenAPI documents of a set of kinds. Each is built when it is first asked for, since that
 * takes longer than a server's start should.
 */
export class OpenApi {
  readonly #source: OpenApiSource
  readonly #documents = new Map<string, EncodedDocument>()
  readonly #building = new Map<string, Promise<EncodedDocument>>()
  readonly #builders: ReadonlyMap<string, () => Sliced<Part>>
  readonly #pause: Pause
  readonly #v2 = new MadeOnce(() => this.#inSlices(encoded(documentV2(this.#source))))
  readonly #v2Protobuf = new MadeOnce(async () => {
    const document = await this.#inSlices(documentV2(this.#source))
    return withHash(await encodeSwagger(document, this.#pause))
  })

  constructor(source: OpenApiSource, pause: Pause = setImmediate) {
    this.#source = source
    this.#pause = pause
    this.#builders = buildersOf(source)
  }

  /** The paths for `/openapi/v3/PATH`: `api/v1`, `apis/apps/v1`, `apis/apps` and so on. */
  get paths(): readonly string[] {
    return [...this.#builders.keys()]
  }

  /** One document; undefined where there is none. */
  v3(path: string): EncodedDocument | undefined {
    const known = this.#documents.get(path)
    if (known !== undefined) return known
    const build = this.#builders.get(path)
    if (build === undefined) return undefined
    const document = drain(encoded(build()))
    this.#documents.set(path, document)
    return document
  }

  /** Has a document ready for `v3`, and pauses again and again while it is built. */
  async build(path: string): Promise<void> {
    const build = this.#builders.get(path)
    if (build === undefined || this.#documents.has(path)) return
    let building = this.#building.get(path)
    if (building === undefined) {
      building = this.#inSlices(encoded(build())).finally(() => this.#building.delete(path))
      this.#building.set(path, building)
    }
    const document = await building
    if (!this.#documents.has(path)) this.#documents.set(path, document)
  }

  async #inSlices<T>(work: Sliced<T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next()
      if (done === true) return value
      await this.#pause()
    }
  }

  /**
   * What `/openapi/v3` answers: where each document is, with its hash for caches. Builds what is
   * not built yet; whoever must not be held up builds the documents one by one before.
   */
  index(): Part {
    const entries = this.paths.map((path) => {
      const hash = this.v3(path)?.hash ?? ''
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
    })
    return { paths: Object.fromEntries(entries) }
  }

  /** What `/openapi/v2` answers; building it pauses again and again. */
  v2(): Promise<EncodedDocument> {
    return this.#v2.get()
  }

  /** The same in protobuf, which is what Go programs ask for. */
  v2Protobuf(): Promise<EncodedDocument> {
    return this.#v2Protobuf.get()
  }
}

function* encoded(work: Sliced<Part>): Sliced<EncodedDocument> {
  return yield* encodeDocument(yield* work)
}

function buildersOf(source: OpenApiSource): ReadonlyMap<string, () => Sliced<Part>> {
  const versions = new Map<string, Set<string>>()
  for (const { group, version, plural } of source.kinds) {
    if (plural === '') continue
    versions.set(group, (versions.get(group) ?? new Set()).add(version))
  }
  const builders = new Map<string, () => Sliced<Part>>()
  const small =
    (add: (definitions: Definitions) => Iterable<readonly [string, readonly Operation[]]>) => () =>
      discoveryDocument(source, add)
  builders.set('apis', small(groupsDocument))
  for (const served of SERVER_PATHS) {
    builders.set(
      served.path,
      small((definitions) => [serverOperations(served, definitions)]),
    )
  }
  for (const group of [...versions.keys()].toSorted(compareGroups)) {
    const root = group === '' ? 'api' : `apis/${group}`
    builders.set(
      root,
      small((definitions) => groupDocument(group, definitions)),
    )
    for (const version of [...(versions.get(group) ?? [])].toSorted(compareVersions)) {
      builders.set(`${root}/${version}`, () => documentV3(source, { group, version }))
    }
  }
  return builders
}

function* discoveryDocument(
  { describe }: OpenApiSource,
  add: (definitions: Definitions) => Iterable<readonly [string, readonly Operation[]]>,
): Sliced<Part> {
  const definitions = new Definitions('v3', describe, [])
  const paths = new Map(add(definitions))
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: yield* pathParts(paths, 'v3'),
    components: componentsPart(sortedEntries(definitions.found), { BearerToken: BEARER_TOKEN }),
  }
}
