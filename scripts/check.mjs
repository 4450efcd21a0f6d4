// Types, format and lint, each of the whole tree. The layers are checked by test/tidy.test.ts.
import { spawnSync } from 'node:child_process'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const checks = [
  ['types', 'node_modules/.bin/tsc', ['-p', '.']],
  [
    'format and lint',
    'node_modules/.bin/biome',
    ['check', '--diagnostic-level=warn', '--error-on-warnings'],
  ],
]
for (const [name, command, args] of checks) {
  const started = performance.now()
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  console.log(`${name}: ok (${Math.round(performance.now() - started)} ms)`)
}
