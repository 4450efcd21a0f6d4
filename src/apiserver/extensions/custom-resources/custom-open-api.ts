import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { assert } from '../../../base/assert.ts'
import { parseJsonInSlices } from '../../../base/json-slices.ts'
import { formatError, type Logger } from '../../../base/logger.ts'
import { MadeOnce } from '../../../base/made-once.ts'
import { inSlices } from '../../../base/slices.ts'
import { MOST_DEPTH } from '../../../machinery/codec/json.ts'
import { encodeSwagger } from '../../../machinery/codec/protobuf/swagger.ts'
import { apiVersionOf } from '../../../machinery/kind.ts'
import { customDocumentV3, customPart } from '../../../machinery/openapi/custom-documents.ts'
import type { OpenApiSource } from '../../../machinery/openapi/document-v3.ts'
import {
  type EncodedDocument,
  encodeDocument,
  withHash,
} from '../../../machinery/openapi/encode-document.ts'
import type { OpenApiDocuments } from '../../endpoints/openapi-endpoints.ts'
import type { CustomKind } from './custom-kind.ts'

type Kinds = readonly [CustomKind, ...CustomKind[]]

/** A document whose hash is known before it is built: most are never asked for. */
class LazyDocument implements EncodedDocument {
  readonly hash: string
  /** What it is built from, and may be large, is let go of when it is built. */
  #content: Uint8Array | (() => object)

  constructor(hash: string, build: () => object) {
    this.hash = hash
    this.#content = build
  }

  get bytes(): Uint8Array {
    if (typeof this.#content === 'function') {
      this.#content = Buffer.from(JSON.stringify(this.#content()))
    }
    return this.#content
  }
}

export interface CustomOpenApiOptions {
  readonly builtIn: OpenApiDocuments
  readonly source: OpenApiSource
  /** Asked when something of this is first asked for. */
  readonly kinds: () => readonly CustomKind[]
  /** The documents of group versions, for those who come later and find them unchanged. */
  readonly known: Map<string, EncodedDocument>
  readonly logger: Logger
}

/** What there is of custom kinds at one time. */
interface Custom {
  readonly kinds: ReadonlyMap<string, Kinds>
  readonly documents: ReadonlyMap<string, EncodedDocument>
}

/** The documents of what is built in, and of custom kinds as they are at one time. */
export class CustomOpenApi implements OpenApiDocuments {
  readonly #options: CustomOpenApiOptions
  #custom: Custom | undefined
  readonly #v2Json = new MadeOnce(async () => inSlices(encodeDocument(await this.#swagger())))
  readonly #v2Protobuf = new MadeOnce(async () =>
    withHash(await encodeSwagger(await this.#swagger(), setImmediate)),
  )

  constructor(options: CustomOpenApiOptions) {
    this.#options = options
  }

  get paths(): readonly string[] {
    return [...this.#options.builtIn.paths, ...this.#all.documents.keys()]
  }

  v3(path: string): EncodedDocument | undefined {
    return this.#all.documents.get(path) ?? this.#options.builtIn.v3(path)
  }

  build(path: string): Promise<void> {
    return this.#options.builtIn.build(path)
  }

  index(): Index {
    const { paths } = this.#options.builtIn.index() as Index
    const own = [...this.#all.documents].map(([path, { hash }]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
    ])
    return { paths: { ...paths, ...Object.fromEntries(own) } }
  }

  v2(): EncodedDocument | Promise<EncodedDocument> {
    if (this.#all.documents.size === 0) return this.#options.builtIn.v2()
    return this.#v2Json.get()
  }

  v2Protobuf(): EncodedDocument | Promise<EncodedDocument> {
    if (this.#all.documents.size === 0) return this.#options.builtIn.v2Protobuf()
    return this.#v2Protobuf.get()
  }

  get #all(): Custom {
    this.#custom ??= this.#collect()
    return this.#custom
  }

  #collect(): Custom {
    const { source, known, logger } = this.#options
    const kinds = groupVersionsOf(this.#options.kinds())
    for (const path of known.keys()) if (!kinds.has(path)) known.delete(path)
    for (const [path, own] of kinds) {
      const hash = hashOf(own)
      if (known.get(path)?.hash === hash) continue
      // It outlives this, whose other documents are large.
      const build = () =>
        describeSound(own, logger, (sound) => customDocumentV3(source, sound)) ?? NO_TYPES
      known.set(path, new LazyDocument(hash, build))
    }
    const documents = new Map<string, EncodedDocument>()
    for (const path of kinds.keys()) documents.set(path, known.get(path) as EncodedDocument)
    return { kinds, documents }
  }

  /**
   * Made anew for each form: as an object it is far too large to be kept. What is built in goes
   * first: custom kinds refer to its definitions.
   */
  async #swagger(): Promise<Readonly<Record<string, unknown>>> {
    const { bytes } = await this.#options.builtIn.v2()
    const read = await parseJsonInSlices(Buffer.from(bytes).toString(), MOST_DEPTH)
    assert(read !== undefined, 'the document is JSON')
    const document = read.value as { readonly paths: object; readonly definitions: object }
    const { source, logger } = this.#options
    const paths: object[] = []
    const definitions: object[] = []
    for (const kinds of this.#all.kinds.values()) {
      await setImmediate()
      const part = describeSound(kinds, logger, (sound) => customPart(source, sound, 'v2'))
      if (part === undefined) continue
      paths.push(part.paths)
      definitions.push(part.definitions)
    }
    return {
      ...document,
      paths: Object.assign({}, ...paths, document.paths),
      definitions: Object.assign({}, ...definitions, document.definitions),
    }
  }
}

/** Of the kinds that can be described: what is wrong with others must not hide these. */
function describeSound<T>(
  kinds: Kinds,
  logger: Logger,
  describe: (sound: Kinds) => T,
): T | undefined {
  try {
    return describe(kinds)
  } catch {
    const [first, ...others] = kinds.filter((kind) => isSound(kind, logger, describe))
    return first === undefined ? undefined : describe([first, ...others])
  }
}

function isSound(kind: CustomKind, logger: Logger, describe: (kinds: Kinds) => unknown): boolean {
  try {
    describe([kind])
    return true
  } catch (error) {
    const { name } = kind.definition.metadata
    const { version } = kind
    logger.error('a custom resource cannot be described by OpenAPI', {
      ...{ name, version, error: formatError(error) },
    })
    return false
  }
}

/** Where nothing of a group version can be described. */
const NO_TYPES = { openapi: '3.0.0', paths: {}, components: { schemas: {} } }

interface Index {
  readonly paths: Readonly<Record<string, unknown>>
}

/** By the path of their document, in order. */
function groupVersionsOf(kinds: readonly CustomKind[]): ReadonlyMap<string, Kinds> {
  const groups = new Map<string, [CustomKind, ...CustomKind[]]>()
  const ordered = kinds.toSorted((a, b) => (a.plural < b.plural ? -1 : 1))
  for (const kind of ordered) {
    const path = `apis/${apiVersionOf(kind.group, kind.version)}`
    const members = groups.get(path)
    if (members === undefined) groups.set(path, [kind])
    else members.push(kind)
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Differs whenever the document could. */
function hashOf(kinds: Kinds): string {
  const hash = createHash('sha512')
  for (const { definition } of kinds) {
    const { uid, generation = 0 } = definition.metadata
    hash.update(`${uid} ${generation} ${JSON.stringify(definition.status.acceptedNames)}\n`)
  }
  return hash.digest('hex').toUpperCase()
}
