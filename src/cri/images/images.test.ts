import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { silentLogger } from '../../base/logger.ts'
import { buildImage } from './build-image.ts'
import { ImageStore } from './image-store.ts'
import { loadImageArchive } from './load-archive.ts'
import { OCI_LAYER, OCI_LAYER_GZIP, OCI_MANIFEST } from './media-types.ts'
import { RegistryMirror } from './registry-mirror.ts'

const sha256 = (content: string | Uint8Array) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-images-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

type Entries = Readonly<Record<string, string | Uint8Array | { readonly linkTo: string }>>

async function tar(entries: Entries): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(entries)) {
    if (typeof content === 'object' && 'linkTo' in content) {
      archive.entry({ name, type: 'symlink', linkname: content.linkTo })
    } else archive.entry({ name }, Buffer.from(content))
  }
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

async function loaded(t: TestContext, archive: Uint8Array) {
  const directory = directoryFor(t)
  const path = join(directory, 'archive.tar')
  writeFileSync(path, archive)
  const store = new ImageStore(join(directory, 'store'))
  const images = await loadImageArchive(store, path)
  const manifest = async (index = 0) =>
    JSON.parse((await store.readBlob(images[index]?.target.digest ?? '')).toString())
  return { store, images, manifest }
}

const dockerManifest = (layers: readonly string[], tags: readonly string[] | null) =>
  JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: layers }])

test('what docker save wrote becomes OCI manifests; links and compression are seen', async (t) => {
  const layer = await tar({ hello: 'world' })
  const packed = gzipSync(layer)
  const archive = await tar({
    'config.json': '{"os":"linux"}',
    'a/layer.tar': layer,
    'b/layer.tar': { linkTo: '../a/layer.tar' },
    'c/layer.tar': packed,
    'manifest.json': dockerManifest(
      ['a/layer.tar', 'b/layer.tar', 'c/layer.tar'],
      ['app:v1', 'registry.test/team/app:v1'],
    ),
  })
  for (const form of [archive, gzipSync(archive)]) {
    const { images, manifest } = await loaded(t, form)
    assert.deepEqual(
      images.map(({ reference }) => reference),
      ['docker.io/library/app:v1', 'registry.test/team/app:v1'],
    )
    const { config, layers, mediaType } = await manifest()
    assert.equal(mediaType, OCI_MANIFEST)
    assert.equal(config.digest, sha256('{"os":"linux"}'))
    const plain = { mediaType: OCI_LAYER, digest: sha256(layer), size: layer.length }
    assert.deepEqual(layers, [
      plain,
      plain,
      { mediaType: OCI_LAYER_GZIP, digest: sha256(packed), size: packed.length },
    ])
  }
})

test('an OCI layout’s manifest is kept byte for byte', async (t) => {
  const content = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [] })
  const descriptor = { mediaType: OCI_MANIFEST, digest: sha256(content), size: content.length }
  const annotations = {
    'io.containerd.image.name': 'docker.io/library/app:v2',
    'org.opencontainers.image.ref.name': 'v2',
  }
  const archive = await tar({
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ manifests: [{ ...descriptor, annotations }] }),
    [`blobs/sha256/${descriptor.digest.slice(7)}`]: content,
  })
  const { images } = await loaded(t, archive)
  assert.deepEqual(images, [{ reference: 'docker.io/library/app:v2', target: descriptor }])
})

test('what is no archive of named images is refused', async (t) => {
  const cases = [
    [await tar({ readme: 'hello' }), /holds neither manifest.json nor index.json/],
    [
      await tar({ 'manifest.json': dockerManifest([], null), 'config.json': '{}' }),
      /have no names/,
    ],
    [
      await tar({ 'manifest.json': dockerManifest(['gone'], ['a']), 'config.json': '{}' }),
      /names gone but does not hold it/,
    ],
    [Buffer.alloc(2000, 'x'), /./],
    [gzipSync(await tar({ readme: 'hello' })).subarray(0, 60), /./],
  ] as const
  for (const [archive, message] of cases) await assert.rejects(loaded(t, archive), message)
})

async function mirrorWithImage(t: TestContext) {
  const store = new ImageStore(directoryFor(t))
  const image = await buildImage(store, {
    reference: 'app:v1',
    architecture: 'amd64',
    files: [{ name: 'run', mode: 0o755, content: Buffer.from('program') }],
    config: { Entrypoint: ['/run'] },
  })
  const mirror = new RegistryMirror(store, silentLogger)
  const address = await mirror.listen()
  t.after(() => mirror.close())
  return { store, image, address, get: (path: string) => fetch(`${address}/v2/${path}`) }
}

test('the mirror serves what a pull needs: manifests by tag and digest, blobs', async (t) => {
  const { image, get, address } = await mirrorWithImage(t)
  const { digest, size } = image.target
  assert.equal((await get('')).status, 200)
  for (const reference of ['v1', digest]) {
    const answer = await get(`library/app/manifests/${reference}?ns=docker.io`)
    assert.equal(answer.headers.get('content-type'), OCI_MANIFEST)
    assert.equal(answer.headers.get('docker-content-digest'), digest)
    const text = await answer.text()
    assert.equal(sha256(text), digest)
    const { config, layers } = JSON.parse(text)
    for (const part of [config, ...layers]) {
      const blob = await get(`library/app/blobs/${part.digest}?ns=docker.io`)
      assert.equal(sha256(new Uint8Array(await blob.arrayBuffer())), part.digest)
    }
  }
  const path = `${address}/v2/library/app/manifests/v1`
  const head = await fetch(path, { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), String(size))
  assert.equal((await fetch(path, { method: 'PUT' })).status, 405)
})

test('what the mirror has not is 404, so that the real registry is asked', async (t) => {
  const { store, get, image } = await mirrorWithImage(t)
  const layer = JSON.parse((await store.readBlob(image.target.digest)).toString()).layers[0].digest
  for (const path of [
    'library/app/manifests/v2?ns=docker.io',
    'library/app/manifests/v1?ns=quay.io',
    `library/app/manifests/${sha256('none')}`,
    `library/app/manifests/${layer}`,
    `library/app/blobs/${sha256('none')}`,
    'library/app/blobs/sha256:..%2f..%2fetc%2fpasswd',
    'library/app/blobs/../../../etc/passwd',
    'library/app/tags/list',
  ]) {
    const answer = await get(path)
    assert.equal(answer.status, 404, path)
    await answer.arrayBuffer()
  }
})

test('equal content makes an equal image', async (t) => {
  const [first, second] = [await mirrorWithImage(t), await mirrorWithImage(t)]
  assert.equal(first.image.target.digest, second.image.target.digest)
  assert.deepEqual(await first.store.list(), [first.image])
})
