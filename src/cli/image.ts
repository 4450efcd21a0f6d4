import { resolve } from 'node:path'
import { askCluster } from './cluster-connection.ts'
import { dataDirectoryOf } from './settings.ts'

interface ListedImage {
  readonly reference: string
  readonly id: string
  readonly sizeBytes: number
}

/** `wherry image load`: hands an archive to the running cluster. */
export async function imageLoad(archive: string, options: { dataDir?: string }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const path = resolve(archive)
  const images = (await askCluster(directory, 'image-load', path)) as ListedImage[]
  for (const { reference } of images) process.stdout.write(`loaded ${reference}\n`)
}

/** `wherry image list`: the images that nodes have. */
export async function imageList(options: { dataDir?: string; output?: string }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const images = (await askCluster(directory, 'image-list')) as ListedImage[]
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify(images, null, 2)}\n`)
    return
  }
  const width = Math.max(5, ...images.map(({ reference }) => reference.length))
  process.stdout.write(`${'IMAGE'.padEnd(width)}  ${'ID'.padEnd(12)}  SIZE\n`)
  for (const { reference, id, sizeBytes } of images) {
    const size = `${(sizeBytes / 1e6).toFixed(1)} MB`
    const short = id.replace(/^sha256:/, '').slice(0, 12)
    process.stdout.write(`${reference.padEnd(width)}  ${short}  ${size}\n`)
  }
}
