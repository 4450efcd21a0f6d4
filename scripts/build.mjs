// Bundles the program into dist/. Libraries stay in node_modules.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { writeDescriptions } from './descriptions.mjs'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { wherry: 'src/cli/main.ts', index: 'src/cluster/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  outExtension: { '.js': '.mjs' },
  banner: { js: '' },
  logLevel: 'warning',
})
writeDescriptions(root)
