import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { encodeSwagger } from '../../../machinery/codec/protobuf/swagger.ts'
import { apiVersionOf } from '../../../machinery/kind.ts'
import { customDocumentV3, customPart } from '../../../machinery/openapi/custom-documents.ts'
import type { OpenApiSource } from '../../../machinery/openapi/document-v3.ts'
import type { EncodedDocument } from '../../../machinery/openapi/open-api.ts'
import type { OpenApiDocuments } from '../../endpoints/openapi-endpoints.ts'
import type { CustomKind } from './custom-kind.ts'

type Kinds = readonly [CustomKind, ...CustomKind[]]

/** A document whose hash is known before it is built: most are never asked for. */
class LazyDocument implements EncodedDocument {
  readonly hash: string
  readonly #build: () => object
  #bytes: Uint8Array | undefined

  constructor(hash: string, build: () => object) {
    this.hash = hash
    this.#build = build
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(JSON.stringify(this.#build()))
    return this.#bytes
  }
}

export interface CustomOpenApiOptions {
  readonly builtIn: OpenApiDocuments
  readonly source: OpenApiSource
  /** Asked when something of this is first asked for. */
  readonly kinds: () => readonly CustomKind[]
  /** The documents of group versions, for those who come later and find them unchanged. */
  readonly known: Map<string, EncodedDocument>
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
  #v2Json: Promise<EncodedDocument> | undefined
  #v2Protobuf: Promise<EncodedDocument> | undefined

  constructor(options: CustomOpenApiOptions) {
    this.#options = options
  }

  get paths(): readonly string[] {
    return [...this.#options.builtIn.paths, ...this.#all.documents.keys()]
  }

  v3(path: string): EncodedDocument | undefined {
    return this.#all.documents.get(path) ?? this.#options.builtIn.v3(path)
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
    this.#v2Json ??= this.#swagger().then((document) =>
      withHash(Buffer.from(JSON.stringify(document))),
    )
    return this.#v2Json
  }

  v2Protobuf(): EncodedDocument | Promise<EncodedDocument> {
    if (this.#all.documents.size === 0) return this.#options.builtIn.v2Protobuf()
    this.#v2Protobuf ??= this.#swagger()
      .then((document) =>
        encodeSwagger(document as Readonly<Record<string, unknown>>, setImmediate),
      )
      .then(withHash)
    return this.#v2Protobuf
  }

  get #all(): Custom {
    this.#custom ??= this.#collect()
    return this.#custom
  }

  #collect(): Custom {
    const { source, known } = this.#options
    const kinds = groupVersionsOf(this.#options.kinds())
    for (const path of known.keys()) if (!kinds.has(path)) known.delete(path)
    for (const [path, own] of kinds) {
      const hash = hashOf(own)
      if (known.get(path)?.hash === hash) continue
      known.set(path, new LazyDocument(hash, () => customDocumentV3(source, own)))
    }
    const documents = new Map<string, EncodedDocument>()
    for (const path of kinds.keys()) documents.set(path, known.get(path) as EncodedDocument)
    return { kinds, documents }
  }

  /**
   * Made anew for each form: as an object it is far too large to be kept. What is built in goes
   * first: custom kinds refer to its definitions.
   */
  async #swagger(): Promise<object> {
    const { bytes } = await this.#options.builtIn.v2()
    const document = JSON.parse(Buffer.from(bytes).toString()) as {
      readonly paths: object
      readonly definitions: object
    }
    const paths: object[] = []
    const definitions: object[] = []
    for (const kinds of this.#all.kinds.values()) {
      await setImmediate()
      const part = customPart(this.#options.source, kinds, 'v2')
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

function withHash(bytes: Uint8Array): EncodedDocument {
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() }
}
