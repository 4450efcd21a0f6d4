// Builds and runs the tests. `npm test` runs all; `npm test -- storage cri` those whose path
// holds one of the words. Unit and simulation tests share one process, since that is ten times
// faster than one each; every end-to-end test has a process of its own and they run in turn.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ensureDependencies, root } from './repository.mjs'

const words = process.argv.slice(2)
const isWanted = (file) => words.length === 0 || words.some((word) => file.includes(word))
const testsBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(folder, file))
    .filter(isWanted)
    .toSorted()

ensureDependencies()
const { build } = await import('esbuild')
if (words.length === 0) run('node', ['scripts/check.mjs'])

const output = join(root, 'build', `test-${process.pid}`)
mkdirSync(output, { recursive: true })
process.on('exit', () => rmSync(output, { recursive: true, force: true }))

const tests = [...testsBelow('src'), ...testsBelow('test')]
const isEndToEnd = (file) => file.startsWith('test/e2e/')
const unit = tests.filter((file) => !isEndToEnd(file))
const endToEnd = tests.filter(isEndToEnd)
const entry = join(output, 'unit.ts')
writeFileSync(
  entry,
  unit.map((file) => `import ${JSON.stringify(relative(output, join(root, file)))}\n`).join(''),
)
await build({
  absWorkingDir: root,
  entryPoints: [entry, ...endToEnd.map((file) => join(root, file))],
  outdir: output,
  outbase: root,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
})
if (endToEnd.length > 0) run('node', ['scripts/build.mjs'])
if (unit.length > 0) runTest('unit')
for (const file of endToEnd) runTest(file.replace(/.*\//, '').replace(/\.ts$/, ''))

function runTest(name) {
  run('node', [
    '--enable-source-maps',
    '--expose-gc',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    join(output, `${name}.mjs`),
  ])
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
