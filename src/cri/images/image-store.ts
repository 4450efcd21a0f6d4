import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ifThere } from '../../base/missing-file.ts'
import { canonicalImageName } from './reference.ts'

/** Points at content by its digest, as in the OCI image specification. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

export interface StoredImage {
  /** The full name, with its tag. */
  readonly reference: string
  /** The manifest or the index. */
  readonly target: Descriptor
}

/**
 * Images kept as files: `blobs/sha256/HEX` as in an OCI layout, and one small file in `references`
 * for each name. Every file appears whole or not at all, so a reader in another process is safe.
 */
export class ImageStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async addBlob(mediaType: string, content: Uint8Array): Promise<Descriptor> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    await this.#write(this.#blobPath(digest), content)
    return { mediaType, digest, size: content.length }
  }

  /** Keeps a stream of any length; `mediaType` is told its first bytes. */
  async addBlobFrom(
    source: Readable,
    mediaType: (head: Uint8Array) => string,
  ): Promise<Descriptor> {
    const directory = await this.#temporaryDirectory()
    try {
      const path = join(directory, 'blob')
      const hash = createHash('sha256')
      let head: Uint8Array | undefined
      let size = 0
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            head ??= chunk
            hash.update(chunk)
            size += chunk.length
            yield chunk
          }
        },
        createWriteStream(path),
      )
      const digest = `sha256:${hash.digest('hex')}`
      await mkdir(join(this.#root, 'blobs', 'sha256'), { recursive: true })
      await rename(path, this.#blobPath(digest))
      return { mediaType: mediaType(head ?? new Uint8Array()), digest, size }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  async tag(name: string, target: Descriptor): Promise<StoredImage> {
    const image: StoredImage = { reference: canonicalImageName(name), target }
    await this.#write(this.#referencePath(image.reference), Buffer.from(JSON.stringify(image)))
    return image
  }

  /** Undefined where no image has that name. */
  async find(name: string): Promise<StoredImage | undefined> {
    const text = await ifThere(readFile(this.#referencePath(canonicalImageName(name))))
    return text === undefined ? undefined : (JSON.parse(text.toString()) as StoredImage)
  }

  async list(): Promise<readonly StoredImage[]> {
    const names = (await ifThere(readdir(join(this.#root, 'references')))) ?? []
    const images = await Promise.all(names.toSorted().map((name) => this.find(decode(name))))
    return images.filter((image) => image !== undefined)
  }

  async blobSize(digest: string): Promise<number | undefined> {
    if (!isDigest(digest)) return undefined
    const found = await stat(this.#blobPath(digest)).catch(() => undefined)
    return found?.size
  }

  readBlob(digest: string): Promise<Buffer> {
    return readFile(this.#blobPath(digest))
  }

  openBlob(digest: string): Readable {
    return createReadStream(this.#blobPath(digest))
  }

  async #write(path: string, content: Uint8Array): Promise<void> {
    const directory = await this.#temporaryDirectory()
    try {
      const temporary = join(directory, 'file')
      await writeFile(temporary, content)
      await mkdir(join(path, '..'), { recursive: true })
      await rename(temporary, path)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  /** On the same file system, so that a rename moves the finished file. */
  async #temporaryDirectory(): Promise<string> {
    await mkdir(this.#root, { recursive: true })
    return mkdtemp(join(this.#root, 'ingest-'))
  }

  #blobPath(digest: string): string {
    if (!isDigest(digest)) throw new Error(`invalid digest "${digest}"`)
    return join(this.#root, 'blobs', 'sha256', digest.slice('sha256:'.length))
  }

  #referencePath(reference: string): string {
    return join(this.#root, 'references', encodeURIComponent(reference))
  }
}

/** Only this form becomes a path: what a client asks for must not leave the directory. */
function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

const decode = decodeURIComponent
