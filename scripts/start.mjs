// `npm start`: builds what is stale, then `wherry up` with the arguments given.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root } from './repository.mjs'

ensureDependencies()
const program = join(root, 'dist/wherry.mjs')
if (isStale()) {
  console.log('Building ...')
  await import('./build.mjs')
}
const child = spawn(process.execPath, [program, 'up', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// Ctrl-C reaches the child by itself; this process only waits for it to stop in order.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)))

function isStale() {
  if (!existsSync(program)) return true
  const built = statSync(program).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const files = [...sources.map((file) => join('src', file)), 'package-lock.json']
  return files.some((file) => statSync(join(root, file)).mtimeMs > built)
}
