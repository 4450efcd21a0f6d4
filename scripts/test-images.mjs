// Makes the images that the examples and the end-to-end tests run, from Debian's own programs, as
// archives that `wherry image load` reads. Nothing is installed on this machine: the packages are
// downloaded and unpacked into a temporary directory. Usage: node scripts/test-images.mjs [FOLDER]
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const { pack } = await import('tar-stream')

const CREATED = '1970-01-01T00:00:00Z'
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

/** Debian's packages with the programs and the libraries they need beside the C library's own. */
const PACKAGES = ['busybox-static', 'redis-server', 'redis-tools']

/** Makes all archives in `folder`, unless they are there: their paths. */
export async function makeTestImages(folder) {
  const names = ['busybox', 'redis', 'web']
  const paths = names.map((name) => join(folder, `${name}.tar`))
  if (paths.every((path) => existsSync(path))) return paths
  mkdirSync(folder, { recursive: true })
  tell(`made once, from Debian's packages: ${names.join(', ')}, in ${folder}`)
  const scratch = mkdtempSync(join(tmpdir(), 'wherry-images-'))
  try {
    const system = unpackPackages(scratch)
    const busybox = busyboxFiles(system)
    await writeArchive(paths[0], 'busybox:latest', busybox, { Cmd: ['sh'] })
    await writeArchive(paths[1], 'redis:latest', [...busybox, ...redisFiles(system)], {
      Entrypoint: ['redis-server'],
      Cmd: ['--protected-mode', 'no', '--save', ''],
      ExposedPorts: { '6379/tcp': {} },
      WorkingDir: '/data',
    })
    await writeArchive(paths[2], 'web:latest', [...busybox, ...webFiles()], {
      Cmd: ['httpd', '-f', '-v', '-p', '80', '-h', '/www'],
      ExposedPorts: { '80/tcp': {} },
      WorkingDir: '/www',
    })
    return paths
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The packages and those they depend on, downloaded and unpacked: the unpacked tree. */
function unpackPackages(scratch) {
  ensurePackageLists()
  const closure = run('apt-cache', [
    ...['depends', '--recurse', '--no-recommends', '--no-suggests', '--no-conflicts'],
    ...['--no-breaks', '--no-replaces', '--no-enhances', '--no-pre-depends', ...PACKAGES],
  ])
  const wanted = closure.split('\n').filter((line) => /^(lib|lua-)[a-z0-9.+-]+$/.test(line))
  const downloads = join(scratch, 'packages')
  const system = join(scratch, 'system')
  mkdirSync(downloads)
  mkdirSync(system)
  const download = ['download', '-q', ...PACKAGES, ...wanted]
  tell(`downloading ${PACKAGES.length + wanted.length} packages`)
  try {
    run('apt-get', download, downloads)
  } catch {
    updateLists() // They may name versions that are gone.
    run('apt-get', download, downloads)
  }
  tell('unpacking them')
  for (const file of readdirSync(downloads)) {
    run('dpkg-deb', ['-x', join(downloads, file), system])
  }
  return system
}

/** A new machine has no lists of packages yet. */
function ensurePackageLists() {
  try {
    run('apt-cache', ['show', ...PACKAGES])
  } catch {
    updateLists()
  }
}

function updateLists() {
  tell('updating the lists of packages')
  run('apt-get', ['update', '-q'])
}

function busyboxFiles(system) {
  const program = existsSync(join(system, 'bin/busybox')) ? 'bin/busybox' : 'usr/bin/busybox'
  const applets = run(join(system, program), ['--list']).split('\n').filter(Boolean)
  return [
    { name: 'bin/busybox', content: readFileSync(join(system, program)), mode: 0o755 },
    ...applets
      .filter((applet) => applet !== 'busybox')
      .map((applet) => ({ name: `bin/${applet}`, link: 'busybox' })),
    { name: 'usr/bin/env', link: '/bin/busybox' },
    {
      name: 'etc/passwd',
      content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    },
    { name: 'etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
    { name: 'root/', isDirectory: true },
    { name: 'tmp/', isDirectory: true, mode: 0o1777 },
  ]
}

/** redis-server and redis-cli with their shared libraries, where the dynamic linker looks. */
function redisFiles(system) {
  const programs = ['redis-server', 'redis-cli'].map((name) => ({
    name: `usr/bin/${name}`,
    content: readFileSync(join(system, 'usr/bin', name)), // A link: Debian has one program for all.
    mode: 0o755,
  }))
  const libraries = new Map()
  for (const { name } of programs) {
    for (const [path, file] of librariesOf(system, realpathSync(join(system, name)))) {
      libraries.set(path, { name: path, content: readFileSync(file), mode: 0o755 })
    }
  }
  return [...programs, ...libraries.values(), { name: 'data/', isDirectory: true }]
}

/** What the dynamic linker would load for a program, as [path in the image, file here]. */
function librariesOf(system, program) {
  const linker = findLinker(system)
  const folders = libraryFolders(system)
  const list = run(linker.file, ['--library-path', folders.join(':'), '--list', program])
  const needed = [...list.matchAll(/=> (\/\S+)/g)].map(([, file]) => {
    const isUnpacked = file.startsWith(system)
    const path = isUnpacked ? relative(system, file) : file.slice(1)
    return [join('lib', basename(path)), realpathSync(file)]
  })
  return [[linker.path, linker.file], ...needed]
}

function findLinker(system) {
  const names = { x64: 'lib64/ld-linux-x86-64.so.2', arm64: 'lib/ld-linux-aarch64.so.1' }
  const path = names[process.arch]
  const direct = join(system, path)
  if (existsSync(direct)) return { path, file: realpathSync(direct) }
  const folder = libraryFolders(system).find((at) => existsSync(join(at, basename(path))))
  if (folder === undefined) throw new Error(`no dynamic linker ${path}`)
  return { path, file: realpathSync(join(folder, basename(path))) }
}

function libraryFolders(system) {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch]
  return ['lib', 'usr/lib'].flatMap((at) => [join(system, at, triplet), join(system, at)])
}

function webFiles() {
  return [
    {
      name: 'www/index.html',
      content: '<!doctype html>\n<title>Wherry</title>\n<p>Served from a pod.</p>\n',
    },
  ]
}

/** An image of one layer in the form of `docker save`. */
async function writeArchive(path, tag, files, config) {
  tell(`writing ${basename(path)}`)
  const layer = await tarOf(files)
  const imageConfig = JSON.stringify({
    architecture: ARCHITECTURES[process.arch],
    os: 'linux',
    created: CREATED,
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], ...config },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: CREATED, created_by: 'scripts/test-images.mjs' }],
  })
  const configName = `${sha256(imageConfig)}.json`
  const manifest = [{ Config: configName, RepoTags: [tag], Layers: ['layer.tar'] }]
  const archive = pack()
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest))
  archive.entry({ name: configName }, imageConfig)
  archive.entry({ name: 'layer.tar' }, layer)
  archive.finalize()
  await pipeline(archive, createWriteStream(`${path}.part`))
  renameSync(`${path}.part`, path)
}

async function tarOf(files) {
  const archive = pack()
  const mtime = new Date(0)
  for (const { name, content, link, isDirectory, mode } of files) {
    if (link !== undefined) archive.entry({ name, type: 'symlink', linkname: link, mtime })
    else if (isDirectory) archive.entry({ name, type: 'directory', mode: mode ?? 0o755, mtime })
    else archive.entry({ name, mode: mode ?? 0o644, mtime }, content)
  }
  archive.finalize()
  const chunks = []
  for await (const chunk of archive) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** On standard error, beside whatever else is printed: it may take minutes. */
function tell(step) {
  console.error(`test images: ${step}`)
}

const sha256 = (content) => createHash('sha256').update(content).digest('hex')

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = await makeTestImages(process.argv[2] ?? join(root, 'build', 'images'))
  for (const path of paths) console.log(`${path}  ${Math.round(lstatSync(path).size / 1024)} KiB`)
}
