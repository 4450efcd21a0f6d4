import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Descriptor, ImageStore } from './image-store.ts'
import { OCI_MANIFEST } from './media-types.ts'

const PATH = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^/]+)$/

/** No registry accepts larger manifests. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024

/**
 * A read-only registry (OCI distribution specification, pull only) on loopback for the images that
 * were loaded on this machine, so that a pull of one succeeds without any registry. What it has not
 * it answers with 404, at which containerd asks the real registry.
 */
export class RegistryMirror {
  readonly #store: ImageStore
  readonly #logger: Logger
  readonly #server: Server

  constructor(store: ImageStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        this.#logger.error('image request failed', { url: request.url, error: formatError(error) })
        response.destroy()
      })
    })
  }

  /** Its base address, such as `http://127.0.0.1:40123`. */
  async listen(port = 0): Promise<string> {
    if (this.#server.listening) return this.#address()
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#server.unref()
    return this.#address()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, 405, 'UNSUPPORTED', 'this registry can only be read')
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/v2/' || url.pathname === '/v2') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      return
    }
    const { repository, kind, reference } = PATH.exec(url.pathname)?.groups ?? {}
    if (repository === undefined || reference === undefined) {
      return refuse(response, 404, 'NAME_UNKNOWN', 'no such path')
    }
    // containerd tells a mirror in `ns` which registry it stands for.
    const registry = url.searchParams.get('ns') ?? 'docker.io'
    const content =
      kind === 'blobs'
        ? await this.#blob(reference)
        : await this.#manifest(`${registry}/${repository}`, reference)
    if (content === undefined) {
      const code = kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN'
      return refuse(response, 404, code, 'not loaded on this machine')
    }
    response.writeHead(200, {
      'content-type': content.mediaType,
      'content-length': content.size,
      'docker-content-digest': content.digest,
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(this.#store.openBlob(content.digest), response)
  }

  async #blob(digest: string): Promise<Descriptor | undefined> {
    const size = await this.#store.blobSize(digest)
    return size === undefined ? undefined : { mediaType: 'application/octet-stream', digest, size }
  }

  /** By tag, or by digest: also one of those that an index names. */
  async #manifest(name: string, reference: string): Promise<Descriptor | undefined> {
    if (!reference.includes(':')) return (await this.#store.find(`${name}:${reference}`))?.target
    const blob = await this.#blob(reference)
    if (blob === undefined || blob.size > MAX_MANIFEST_BYTES) return undefined
    const mediaType = manifestMediaType(await this.#store.readBlob(reference))
    return mediaType === undefined ? undefined : { ...blob, mediaType }
  }
}

/** A manifest says itself what it is, or is one of OCI's first version; else it is none. */
function manifestMediaType(content: Buffer): string | undefined {
  try {
    const { mediaType, schemaVersion } = JSON.parse(content.toString()) as Manifest
    return schemaVersion === 2 ? (mediaType ?? OCI_MANIFEST) : undefined
  } catch {
    return undefined // Not JSON: a layer was asked for as a manifest.
  }
}

interface Manifest {
  readonly schemaVersion?: number
  readonly mediaType?: string
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message }] }))
}
