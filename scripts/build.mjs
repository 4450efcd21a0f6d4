// Bundles the program with its libraries into dist/: one file to load instead of hundreds, which
// halves the time until it answers. lmdb has native code and stays in node_modules.
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDescriptions } from './descriptions.mjs'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const { build } = await import('esbuild')
rmSync(join(root, 'dist'), { recursive: true, force: true })
const options = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  external: ['lmdb'],
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
}
const modules = { ...options, format: 'esm', splitting: true, outExtension: { '.js': '.mjs' } }
// Libraries in CommonJS ask for Node's own modules by require.
const commonJs = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
}
await Promise.all([
  build({
    ...modules,
    entryPoints: { index: 'src/cluster/index.ts' },
    sourcemap: 'linked',
    banner: commonJs,
  }),
  build({
    ...modules,
    entryPoints: { wherry: 'src/cli/main.ts', 'load-program': 'src/cli/load-program.ts' },
  }),
  build({
    ...modules,
    entryPoints: { 'yaml-worker': 'src/cluster/yaml-worker.ts' },
    banner: commonJs,
  }),
  build({
    ...options,
    entryPoints: { program: 'src/cli/program.ts' },
    // Only scripts can be loaded with their bytecode.
    format: 'cjs',
    supported: { 'dynamic-import': false },
    banner: { js: "const programUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'programUrl' },
    outExtension: { '.js': '.cjs' },
  }),
])
writeDescriptions(root)
writeFileSync(join(root, 'dist/build.json'), JSON.stringify({ commit: commit(), date: now() }))
await writeCodeCache()

/** Without it the program starts later, so that it is built even where no cluster can start. */
async function writeCodeCache() {
  const child = fork(join(root, 'scripts/code-cache.mjs'), { silent: true, timeout: 60_000 })
  const [code] = await once(child, 'exit')
  if (code !== 0) console.log('The program was built without its bytecode: it will start slower.')
}

/** Empty outside a git checkout. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}

function now() {
  return `${new Date().toISOString().slice(0, 19)}Z`
}
