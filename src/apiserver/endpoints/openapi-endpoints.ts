import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { MadeOnce } from '../../base/made-once.ts'
import type { EncodedDocument } from '../../machinery/openapi/open-api.ts'
import { MergedOpenApi, type RemoteOpenApi } from '../extensions/aggregation/merged-open-api.ts'
import { type Accepted, negotiateAmong } from '../listener/accept.ts'
import type { EncodedResponse, ServerRequest, ServerResponse } from '../request.ts'

/** The documents of what is served; see `OpenApi`, which builds each on first use. */
export interface OpenApiDocuments {
  readonly paths: readonly string[]
  v3(path: string): EncodedDocument | undefined
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
const YEAR_MS = 365 * 86_400_000

/** `/openapi/v3`, which says where the documents of all groups are, those, and `/openapi/v2`. */
export class OpenApiEndpoints {
  readonly #clock: Clock
  #local: OpenApiDocuments
  #remote: RemoteOpenApi | undefined
  #documents: OpenApiDocuments
  #index = new MadeOnce(() => this.#buildIndex())

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

  /** Undefined where the path is no document's. Throws 406 to clients that cannot read JSON. */
  async answer(request: ServerRequest): Promise<ServerResponse | undefined> {
    const { path } = request
    if (path === V2) return this.#answerV2(request)
    if (path === ROOT) {
      return respondWithIndex(await this.#index.get())
    }
    if (!path.startsWith(`${ROOT}/`)) return undefined
    const name = path.slice(ROOT.length + 1)
    const document = this.#documents.v3(name)
    if (document === undefined) return NO_DOCUMENT
    const wanted = request.query.get('hash') ?? ''
    if (wanted === '') return respond(request, document)
    if (wanted !== document.hash) return redirect(`${ROOT}/${name}?hash=${document.hash}`)
    return respond(request, document, {
      'cache-control': 'public, immutable',
      expires: new Date(this.#clock.now() + YEAR_MS).toUTCString(),
    })
  }

  async #answerV2(request: ServerRequest): Promise<ServerResponse> {
    const type = negotiateAmong(request.headers['accept'], [JSON_TYPE, OLD_PROTOBUF, PROTOBUF])
    if (type === JSON_TYPE) {
      return respond(request, await this.#documents.v2(), MAY_BE_COMPRESSED)
    }
    const document = await this.#documents.v2Protobuf()
    return respondAs(request, PROTOBUF, document, MAY_BE_COMPRESSED)
  }

  /** The index names the hash of every document, so all are built: one a turn, as others wait. */
  async #buildIndex(): Promise<EncodedDocument> {
    const documents = this.#documents
    for (const path of documents.paths) {
      documents.v3(path)
      await setImmediate()
    }
    const bytes = Buffer.from(JSON.stringify(documents.index()))
    return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() }
  }
}

const MAY_BE_COMPRESSED = { vary: 'Accept-Encoding, Accept' }

/** 404 as upstream says it of these paths: without a word. */
const NO_DOCUMENT: ServerResponse = {
  type: 'encoded',
  code: 404,
  contentType: '',
  chunks: () => [],
  object: () => undefined,
}

/** It is JSON, though upstream does not say so. */
function respondWithIndex({ bytes }: EncodedDocument): ServerResponse {
  return {
    type: 'encoded',
    code: 200,
    contentType: 'text/plain; charset=utf-8',
    chunks: () => [bytes],
    object: () => JSON.parse(Buffer.from(bytes).toString()) as unknown,
  }
}

function respond(
  request: ServerRequest,
  document: EncodedDocument,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  negotiateAmong(request.headers['accept'], [JSON_TYPE])
  return respondAs(request, JSON_TYPE, document, headers)
}

function respondAs(
  request: ServerRequest,
  contentType: Accepted,
  { bytes, hash }: EncodedDocument,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  const etag = `"${hash}"`
  const all = { vary: 'Accept', ...headers, etag }
  if (request.headers['if-none-match'] === etag) {
    return { type: 'object', code: 304, object: {}, headers: all }
  }
  const response: EncodedResponse = {
    type: 'encoded',
    code: 200,
    contentType,
    chunks: () => [bytes],
    object: () => (contentType === JSON_TYPE ? JSON.parse(Buffer.from(bytes).toString()) : bytes),
    headers: all,
  }
  return response
}

function redirect(location: string): ServerResponse {
  return { type: 'object', code: 301, object: {}, headers: { location } }
}
