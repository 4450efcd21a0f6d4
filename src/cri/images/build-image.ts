import { createHash } from 'node:crypto'
import type { Architecture } from './elf.ts'
import type { ImageStore, StoredImage } from './image-store.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.ts'

export interface ImageFile {
  readonly name: string
  readonly mode: number
  readonly content: Uint8Array
}

export interface ImageSource {
  readonly reference: string
  readonly architecture: Architecture
  readonly files: readonly ImageFile[]
  /** As in the OCI image configuration: Entrypoint, Cmd, Env, User ... */
  readonly config: Readonly<Record<string, unknown>>
}

/** Everything in an image made here is of this time, so that equal content has an equal digest. */
const CREATED = '1970-01-01T00:00:00Z'

/** An image of a single layer, put into the store under its name. */
export async function buildImage(
  store: ImageStore,
  { reference, architecture, files, config }: ImageSource,
): Promise<StoredImage> {
  const layerTar = await tarOf(files)
  const layer = await store.addBlob(OCI_LAYER, layerTar)
  const diffId = `sha256:${createHash('sha256').update(layerTar).digest('hex')}`
  const configBlob = await store.addBlob(
    OCI_CONFIG,
    asJson({
      architecture,
      os: 'linux',
      created: CREATED,
      config,
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created: CREATED, created_by: 'wherry' }],
    }),
  )
  const manifest = await store.addBlob(
    OCI_MANIFEST,
    asJson({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: configBlob, layers: [layer] }),
  )
  return store.tag(reference, manifest)
}

async function tarOf(files: readonly ImageFile[]): Promise<Uint8Array> {
  const { pack } = await import('./tar-library.ts') // Only who makes or loads an image pays for it.
  const archive = pack()
  for (const { name, mode, content } of files) {
    archive.entry({ name, mode, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(content))
  }
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

function asJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
