// Bundles the program with its libraries into dist/: one file to load instead of hundreds, which
// halves the time until it answers. lmdb has native code and stays in node_modules.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDescriptions } from './descriptions.mjs'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const { build } = await import('esbuild')
rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { wherry: 'src/cli/main.ts', index: 'src/cluster/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  external: ['lmdb'],
  // Libraries in CommonJS ask for Node's own modules by require.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  // Less to parse at each start; names stay, and stack traces go through the source map.
  minifyWhitespace: true,
  minifySyntax: true,
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
})
writeDescriptions(root)
writeFileSync(join(root, 'dist/build.json'), JSON.stringify({ commit: commit(), date: now() }))

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
