// Prints the figures that count: `npm run bench` all of them, `npm run bench -- storage` some.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const { build } = await import('esbuild')
await import('./build.mjs')
const program = join(root, 'build', 'bench.mjs')
await build({
  absWorkingDir: root,
  entryPoints: {
    bench: 'test/bench/main.ts',
    'floor-server': 'test/bench/floor-server.ts',
    'loop-monitor': 'test/bench/loop-monitor.ts',
  },
  outdir: join(root, 'build'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  logLevel: 'warning',
})
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--expose-gc', program, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
process.exit(status ?? 1)
