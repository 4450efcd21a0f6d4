import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

/** A folder may import itself and what is named here; this table is the architecture. */
const MACHINERY = ['base', 'machinery']
const CLIENT = [...MACHINERY, 'kinds', 'client']
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  machinery: ['base'],
  // Some kinds hold expressions, and whether they are right is part of whether the kind is.
  kinds: [...MACHINERY, 'cel'],
  cel: MACHINERY,
  storage: ['base'],
  client: [...MACHINERY, 'kinds'],
  apiserver: [...CLIENT, 'cel', 'storage'],
  controllers: [...CLIENT, 'cel'],
  scheduler: [...CLIENT, 'cel'],
  cloud: CLIENT,
  cri: ['base'],
  network: CLIENT,
  proxy: CLIENT,
  dns: CLIENT,
  kubelet: [...CLIENT, 'cri'],
  cluster: [
    ...[...CLIENT, 'cel', 'storage', 'apiserver', 'controllers', 'scheduler', 'cloud', 'cri'],
    ...['network', 'proxy', 'dns', 'kubelet'],
  ],
  cli: [...CLIENT, 'cluster', 'cri'],
}

interface Ban {
  readonly pattern: RegExp
  readonly instead: string
  readonly allowedIn: readonly string[]
}

/** What to write instead, and the files that may still use it. */
const BANNED: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    instead: 'clock.now()',
    allowedIn: ['base/clock.ts'],
  },
  {
    pattern: /(?<!\.)\bset(Timeout|Interval)\(/,
    instead: 'clock.after()',
    allowedIn: ['base/clock.ts'],
  },
  {
    pattern: /\bMath\.random|\brandomUUID\(/,
    instead: 'random.next()',
    allowedIn: ['base/random.ts'],
  },
  { pattern: /\bconsole\./, instead: 'logger', allowedIn: ['cli/'] },
  { pattern: /\bas any\b|: any\b|<any>/, instead: 'a type, or unknown', allowedIn: [] },
  { pattern: /^export default/m, instead: 'a named export', allowedIn: [] },
  { pattern: /\b(TODO|FIXME|XXX)\b/, instead: 'the finished thing', allowedIn: [] },
  { pattern: /@ts-(ignore|nocheck)/, instead: 'a right type', allowedIn: [] },
]

const BANNED_NAMES = /(^|\/)(utils?|helpers?|common|misc|data|info)(\.ts|\/)/
const MAX_LINES = 400
const MAX_COLUMNS = 100
/** The text literals of a line. */
const TEXT = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g

/** Unit tests share a process: such a hook would run before or after every test of all files. */
const HOOK_OF_ALL = /^(before|beforeEach|after|afterEach)\(/m
/** A test that is left out, or leaves the others out. */
const LEFT_OUT = /\b(test|describe|it)\.(only|skip|todo)\(|\b(only|skip|todo): true/

const root = join(process.cwd(), 'src')
const files = sourcesBelow(root)

test('the tree is tidy', async (t) => {
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    await t.test(file, () => {
      assert.doesNotMatch(file, BANNED_NAMES, 'name it after what it holds')
      checkImports(file, text)
      if (file.endsWith('.data.ts')) return
      const lines = text.split('\n')
      assert.ok(lines.length <= MAX_LINES, `${lines.length} lines; split it`)
      // The formatter keeps an import of one name on one line, however long its path; and a text
      // that people search for stays whole, so that only what is around it counts.
      const isTooLong = (line: string) =>
        line.replace(TEXT, "''").length > MAX_COLUMNS && !/^(import |} from )/.test(line)
      const long = lines.findIndex(isTooLong)
      assert.equal(long, -1, `line ${long + 1} is longer than ${MAX_COLUMNS} columns`)
      if (file.endsWith('.test.ts')) return
      for (const { pattern, instead, allowedIn } of BANNED) {
        if (allowedIn.some((place) => file.startsWith(place))) continue
        assert.doesNotMatch(text, pattern, `use ${instead}`)
      }
    })
  }
})

test('the tests are tidy', async (t) => {
  const tests = join(process.cwd(), 'test')
  const all = [
    ...sourcesBelow(tests).map((file) => join(tests, file)),
    ...files.filter((file) => file.endsWith('.test.ts')).map((file) => join(root, file)),
  ]
  for (const file of all) {
    await t.test(relative(process.cwd(), file), () => {
      const text = readFileSync(file, 'utf8')
      const lines = text.split('\n').length
      assert.ok(lines <= MAX_LINES, `${lines} lines; split it`)
      assert.doesNotMatch(text, LEFT_OUT, 'a test runs, or says why it cannot')
      const hasOwnProcess = file.startsWith(join(tests, 'e2e'))
      if (!hasOwnProcess) assert.doesNotMatch(text, HOOK_OF_ALL, 'put it into a describe')
    })
  }
})

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
}

function checkImports(file: string, text: string): void {
  const layer = file.split('/')[0] ?? ''
  const isTest = file.endsWith('.test.ts')
  for (const [, path] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
    const resolved = relative(root, resolve(root, dirname(file), path ?? ''))
    if (isTest && resolved.startsWith('../test/support/')) continue
    const target = resolved.split('/')[0] ?? ''
    const isAllowed = target === layer || MAY_IMPORT[layer]?.includes(target)
    assert.ok(isAllowed, `${layer} may not import ${target}`)
  }
}
