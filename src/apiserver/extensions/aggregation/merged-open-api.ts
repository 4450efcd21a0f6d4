import { setImmediate } from 'node:timers/promises'
import { assert } from '../../../base/assert.ts'
import { parseJsonInSlices } from '../../../base/json-slices.ts'
import { MadeOnce } from '../../../base/made-once.ts'
import { inSlices } from '../../../base/slices.ts'
import { MOST_DEPTH } from '../../../machinery/codec/json.ts'
import { encodeSwagger } from '../../../machinery/codec/protobuf/swagger.ts'
import {
  type EncodedDocument,
  encodeDocument,
  withHash,
} from '../../../machinery/openapi/encode-document.ts'
import type { OpenApiDocuments } from '../../endpoints/openapi-endpoints.ts'
import { mergeSwagger, type Swagger } from './merge-swagger.ts'

/** What aggregated servers publish of their types. */
export interface RemoteOpenApi {
  /** The entries of `/openapi/v3`: by path, where the document is with its hash. */
  readonly index: ReadonlyMap<string, { readonly serverRelativeURL: string }>
  /** The parts of their `/openapi/v2` that are theirs, the most important first. */
  readonly swagger: readonly Swagger[]
}

/** Documents of this server with those of others among them; v3 ones stay with their servers. */
export class MergedOpenApi implements OpenApiDocuments {
  readonly #local: OpenApiDocuments
  readonly #remote: RemoteOpenApi
  readonly #v2 = new MadeOnce(async () => inSlices(encodeDocument(await this.#merge())))
  readonly #v2Protobuf = new MadeOnce(async () =>
    withHash(await encodeSwagger(await this.#merge(), setImmediate)),
  )

  constructor(local: OpenApiDocuments, remote: RemoteOpenApi) {
    this.#local = local
    this.#remote = remote
  }

  get paths(): readonly string[] {
    return this.#local.paths
  }

  v3(path: string): EncodedDocument | undefined {
    return this.#local.v3(path)
  }

  build(path: string): Promise<void> {
    return this.#local.build(path)
  }

  index(): { readonly paths: Readonly<Record<string, unknown>> } {
    const { paths } = this.#local.index() as { paths: Readonly<Record<string, unknown>> }
    return { paths: { ...Object.fromEntries(this.#remote.index), ...paths } }
  }

  v2(): Promise<EncodedDocument> {
    if (this.#remote.swagger.length === 0) return Promise.resolve(this.#local.v2())
    return this.#v2.get()
  }

  v2Protobuf(): Promise<EncodedDocument> {
    if (this.#remote.swagger.length === 0) return Promise.resolve(this.#local.v2Protobuf())
    return this.#v2Protobuf.get()
  }

  async #merge(): Promise<Swagger> {
    const { bytes } = await this.#local.v2()
    const read = await parseJsonInSlices(Buffer.from(bytes).toString(), MOST_DEPTH)
    assert(read !== undefined, 'the document is JSON')
    return mergeSwagger(read.value as Swagger, this.#remote.swagger)
  }
}
