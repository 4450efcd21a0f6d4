import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { MadeOnce } from '../../base/made-once.ts'
import { encodeOpenApi, type OpenApiDocument } from '../../machinery/codec/protobuf/openapi.ts'
import { type EncodedDocument, withHash } from '../../machinery/openapi/encode-document.ts'
import { isReason } from '../../machinery/status-error.ts'
import { MergedOpenApi, type RemoteOpenApi } from '../extensions/aggregation/merged-open-api.ts'
import { type Accepted, negotiateAmong } from '../listener/accept.ts'
import type { ServerRequest } from '../request.ts'
import type { EncodedResponse, ServerResponse } from '../response.ts'
import { serveContent } from './serve-content.ts'

/** The documents of what is served; see `OpenApi`, which builds each on first use. */
export interface OpenApiDocuments {
  readonly paths: readonly string[]
  v3(path: string): EncodedDocument | undefined
  /** Has a document ready for `v3`; pauses again and again while it is built. */
  build(path: string): Promise<void>
  index(): unknown
  v2(): EncodedDocument | Promise<EncodedDocument>
  v2Protobuf(): EncodedDocument | Promise<EncodedDocument>
}

const ROOT = '/openapi/v3'
const V2 = '/openapi/v2'
const JSON_TYPE: Accepted = 'application/json'
/** gnostic's form of Swagger documents; clients ask for it by its old name, too. */
const PROTOBUF: Accepted = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const OLD_PROTOBUF: Accepted = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
/** The same for OpenAPI 3.0. */
const PROTOBUF_V3: Accepted = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'
const OLD_PROTOBUF_V3: Accepted = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'
/** JSON begins with it. */
const BRACE = 0x7b
const YEAR_MS = 365 * 86_400_000

/** `/openapi/v3`, which says where the documents of all groups are, those, and `/openapi/v2`. */
export class OpenApiEndpoints {
  readonly #clock: Clock
  #local: OpenApiDocuments
  #remote: RemoteOpenApi | undefined
  #documents: OpenApiDocuments
  #index = new MadeOnce(() => this.#buildIndex())
  /** Protobuf forms by the documents that they are of, which may go with them. */
  readonly #protobuf = new WeakMap<EncodedDocument, MadeOnce<EncodedDocument>>()
  /** Wall-clock milliseconds: since then a document is what it is. */
  readonly #firstServed = new WeakMap<EncodedDocument, number>()

  constructor(documents: OpenApiDocuments, clock: Clock) {
    this.#local = documents
    this.#documents = documents
    this.#clock = clock
  }

  /** From now on these documents are served. */
  update(documents: OpenApiDocuments): void {
    this.#local = documents
    this.#merge()
  }

  /** From now on other servers publish these, behind this one. */
  updateRemote(remote: RemoteOpenApi): void {
    this.#remote = remote
    this.#merge()
  }

  /** Whether `/openapi/v3/PATH` is of what is served here. */
  has(path: string): boolean {
    return this.#local.paths.includes(path)
  }

  #merge(): void {
    const [local, remote] = [this.#local, this.#remote]
    this.#documents = remote === undefined ? local : new MergedOpenApi(local, remote)
    this.#index = new MadeOnce(() => this.#buildIndex())
  }

  /** All paths that are answered here, for the index of the server. */
  get paths(): readonly string[] {
    return [V2, ROOT, ...this.#documents.paths.map((path) => `${ROOT}/${path}`)]
  }

  /** Undefined where the path is no document's. */
  async answer(request: ServerRequest): Promise<ServerResponse | undefined> {
    const { path } = request
    if (path === V2) return this.#answerV2(request)
    if (path === ROOT) {
      // It is JSON, though upstream does not say so, and has no tag.
      const index = await this.#index.get()
      return this.#respond(request, 'text/plain; charset=utf-8', index, undefined)
    }
    if (!path.startsWith(`${ROOT}/`)) return undefined
    const name = path.slice(ROOT.length + 1)
    await this.#documents.build(name)
    const document = this.#documents.v3(name)
    if (document === undefined) return NO_DOCUMENT
    const type = typeFor(request, [JSON_TYPE, PROTOBUF_V3, OLD_PROTOBUF_V3])
    if (type === undefined) return NOT_ACCEPTABLE
    const wanted = request.query.get('hash') ?? ''
    if (wanted !== '' && wanted !== document.hash) {
      return redirect(`${ROOT}/${name}?hash=${document.hash}`, type, document)
    }
    const headers = {
      'cache-control': 'public, immutable',
      expires: new Date(this.#clock.now() + YEAR_MS).toUTCString(),
    }
    const kept = wanted === '' ? VARIES : { ...VARIES, ...headers }
    if (type === JSON_TYPE) return this.#respond(request, JSON_TYPE, document, kept)
    return this.#respond(request, PROTOBUF_V3, await this.#protobufOf(document), kept)
  }

  /** In the other form a document keeps its hash, by which clients know it. */
  #protobufOf(document: EncodedDocument): Promise<EncodedDocument> {
    let known = this.#protobuf.get(document)
    if (known === undefined) {
      known = new MadeOnce(async () => {
        const given = JSON.parse(Buffer.from(document.bytes).toString()) as OpenApiDocument
        return { bytes: await encodeOpenApi(given, setImmediate), hash: document.hash }
      })
      this.#protobuf.set(document, known)
    }
    return known.get()
  }

  async #answerV2(request: ServerRequest): Promise<ServerResponse> {
    const type = typeFor(request, [JSON_TYPE, OLD_PROTOBUF, PROTOBUF])
    if (type === undefined) return NOT_ACCEPTABLE
    if (type === JSON_TYPE) {
      return this.#respond(request, JSON_TYPE, await this.#documents.v2(), VARIES_BY_BOTH)
    }
    const document = await this.#documents.v2Protobuf()
    return this.#respond(request, PROTOBUF, document, VARIES_BY_BOTH)
  }

  #respond(
    request: ServerRequest,
    contentType: string,
    document: EncodedDocument,
    headers: Readonly<Record<string, string>> | undefined,
  ): ServerResponse {
    const { bytes, hash } = document
    let modifiedTime = this.#firstServed.get(document)
    if (modifiedTime === undefined) {
      modifiedTime = this.#clock.now()
      this.#firstServed.set(document, modifiedTime)
    }
    return serveContent(request, {
      ...{ bytes, hash, contentType, modifiedTime },
      ...(headers === undefined ? { headers: {}, hasNoTag: true } : { headers }),
      object: () => (bytes[0] === BRACE ? JSON.parse(Buffer.from(bytes).toString()) : bytes),
    })
  }

  /** The index names the hash of every document, so all are built, with pauses, as others wait. */
  async #buildIndex(): Promise<EncodedDocument> {
    const documents = this.#documents
    for (const path of documents.paths) {
      await documents.build(path)
      await setImmediate()
    }
    return withHash(Buffer.from(JSON.stringify(documents.index())))
  }
}

const VARIES = { vary: 'Accept' }
/** The older document may be compressed, and says so even where it is not. */
const VARIES_BY_BOTH = { vary: 'Accept-Encoding, Accept' }

/** 404 as upstream says it of these paths: without a word. */
const NO_DOCUMENT: EncodedResponse = {
  type: 'encoded',
  code: 404,
  contentType: '',
  chunks: () => [],
  object: () => undefined,
}

/** 406 as upstream says it of these paths. */
const NOT_ACCEPTABLE: ServerResponse = { ...NO_DOCUMENT, code: 406, headers: { vary: 'Accept' } }

/** The first of the types that a client takes; undefined where it takes none. */
function typeFor(
  { headers: { accept } }: ServerRequest,
  offered: readonly Accepted[],
): Accepted | undefined {
  try {
    return negotiateAmong(accept, offered)
  } catch (error) {
    if (isReason(error, 'NotAcceptable')) return undefined
    throw error
  }
}

/** To the document under its present hash; a redirection has its headers and no body. */
function redirect(
  location: string,
  contentType: Accepted,
  { hash }: EncodedDocument,
): ServerResponse {
  const headers = { vary: 'Accept', etag: `"${hash}"`, location }
  return { ...NO_DOCUMENT, code: 301, contentType, headers }
}
