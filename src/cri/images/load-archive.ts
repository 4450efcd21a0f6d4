import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Descriptor, ImageStore, StoredImage } from './image-store.ts'
import { layerMediaType, OCI_CONFIG, OCI_MANIFEST } from './media-types.ts'

/** One image of an archive in Docker's form. */
interface DockerEntry {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

interface Index {
  readonly manifests?: readonly Descriptor[]
}

interface Archive {
  /** What each path holds, kept in the store. */
  readonly blobs: ReadonlyMap<string, Descriptor>
  /** The path each link leads to. */
  readonly links: ReadonlyMap<string, string>
}

/** Where tools write an image's name in an OCI index, the most telling first. */
const NAME_ANNOTATIONS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

/**
 * Puts the images of an archive into the store: as `docker save` or an OCI layout's tool wrote it,
 * plain or gzipped. Throws where the archive holds no image or none that has a name.
 */
export async function loadImageArchive(
  store: ImageStore,
  path: string,
): Promise<readonly StoredImage[]> {
  const archive = await readArchive(store, path)
  const named = await namedImages(store, archive)
  if (named === undefined) throw new Error(`${path} holds neither manifest.json nor index.json`)
  if (named.length === 0) throw new Error(`the images in ${path} have no names`)
  const images: StoredImage[] = []
  for (const [name, target] of named) images.push(await store.tag(name, target))
  return images
}

async function readArchive(store: ImageStore, path: string): Promise<Archive> {
  const blobs = new Map<string, Descriptor>()
  const links = new Map<string, string>()
  const { extract } = await import('./tar-library.ts')
  const entries = extract()
  const source = createReadStream(path)
  const tar: Readable = (await isGzip(path)) ? source.pipe(createGunzip()) : source
  source.once('error', (error) => entries.destroy(error))
  tar.once('error', (error) => entries.destroy(error))
  tar.pipe(entries)
  for await (const entry of entries) {
    const { name, type, linkname } = entry.header
    const at = posix.normalize(name)
    if (type === 'file') {
      const content = Readable.from(entry)
      blobs.set(at, await store.addBlobFrom(content, layerMediaType))
    } else entry.resume()
    if (linkname && type === 'symlink') links.set(at, posix.join(posix.dirname(at), linkname))
    if (linkname && type === 'link') links.set(at, posix.normalize(linkname))
  }
  return { blobs, links }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

/** Names with what they stand for; Docker's list where there is one, since it has the names. */
async function namedImages(
  store: ImageStore,
  archive: Archive,
): Promise<(readonly [string, Descriptor])[] | undefined> {
  const docker = await readJson<readonly DockerEntry[]>(store, archive, 'manifest.json')
  const index = await readJson<Index>(store, archive, 'index.json')
  const named: (readonly [string, Descriptor])[] = []
  for (const descriptor of index?.manifests ?? []) {
    const name = NAME_ANNOTATIONS.map((key) => descriptor.annotations?.[key]).find(isFullName)
    const { mediaType, digest, size } = descriptor
    if (name !== undefined) named.push([name, { mediaType, digest, size }])
  }
  if (named.length > 0) return named
  for (const entry of docker ?? []) {
    const names = entry.RepoTags ?? []
    const target = names.length > 0 ? await manifestOf(store, archive, entry) : undefined
    if (target !== undefined) named.push(...names.map((name) => [name, target] as const))
  }
  return docker === undefined && index === undefined ? undefined : named
}

/** The reference annotation may be a bare tag, which does not say of what. */
function isFullName(name: string | undefined): boolean {
  return name !== undefined && /[/:]/.test(name)
}

/** The OCI manifest of an image that came in Docker's form. */
async function manifestOf(
  store: ImageStore,
  archive: Archive,
  entry: DockerEntry,
): Promise<Descriptor> {
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { ...blobAt(archive, entry.Config), mediaType: OCI_CONFIG },
    layers: entry.Layers.map((path) => blobAt(archive, path)),
  }
  return store.addBlob(OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)))
}

function blobAt({ blobs, links }: Archive, path: string): Descriptor {
  const at = posix.normalize(path)
  const blob = blobs.get(at) ?? blobs.get(links.get(at) ?? '')
  if (blob === undefined) throw new Error(`the archive names ${path} but does not hold it`)
  return blob
}

async function readJson<T>(
  store: ImageStore,
  { blobs }: Archive,
  path: string,
): Promise<T | undefined> {
  const blob = blobs.get(path)
  if (blob === undefined) return undefined
  return JSON.parse((await store.readBlob(blob.digest)).toString()) as T
}
