import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../test/support/turn-counter.ts'
import { parseJson } from './json.ts'
import { jsonFault } from './json-fault.ts'
import { parseJsonInSlices } from './json-slices.ts'
import { seededRandom } from './random.ts'

const DEPTH = 1000
const LONG = 'x'.repeat(5000)

/** A value of lists and objects, large and small, with whatever is special in JSON. */
function randomValue(random: () => number, depth: number): unknown {
  const below = (count: number) => Math.floor(random() * count)
  const scalars = [
    LONG,
    'a,"b}]\\\u2028',
    '',
    1.5,
    -0,
    9007199254740993n,
    true,
    null,
    '\ud83d\ude00',
  ]
  const kind = depth === 0 ? 0 : below(4)
  if (kind === 0) return scalars[below(scalars.length)]
  const count = below(3) === 0 ? below(40) : below(5)
  const members = Array.from({ length: count }, () => randomValue(random, depth - 1))
  if (kind === 1) return members
  const names = ['a', '__proto__', 'constructor', 'b:{', '1', 'toString', '"', LONG]
  return Object.fromEntries(
    members.map((member, at) => [`${names[at % 8]}${at >> 3 || ''}`, member]),
  )
}

/** With space wherever it may stand. */
function textOf(value: unknown, random: () => number): string {
  const space = () => [' ', '', '', '\n\t'][Math.floor(random() * 4)]
  const padded = (text: string) => space() + text + space()
  if (typeof value === 'bigint') return padded(String(value))
  if (Array.isArray(value))
    return padded(`[${value.map((one) => textOf(one, random)).join() || ' '}]`)
  if (typeof value !== 'object' || value === null) return padded(JSON.stringify(value))
  const fields = Object.entries(value)
  return padded(
    `{${fields.map(([name, one]) => `${padded(JSON.stringify(name))}:${textOf(one, random)}`).join()}}`,
  )
}

test('whatever is read in slices is what is read in one piece', async () => {
  const source = seededRandom(7)
  const random = () => source.next()
  let long = 0
  for (let round = 0; round < 12; round++) {
    const text = textOf(randomValue(random, 5), random)
    if (text.length > 64 * 1024) long++
    const read = await parseJsonInSlices(text, DEPTH)
    assert.ok(read !== undefined)
    assert.deepEqual(read.value, parseJson(text))
    assert.equal(read.mayHaveDuplicates, false)
  }
  assert.ok(long > 2, `only ${long} were long`)
})

test('a text that is none is refused, wherever it is broken', async () => {
  const source = seededRandom(8)
  const random = () => source.next()
  let refused = 0
  for (let round = 0; round < 200; round++) {
    const text = textOf(randomValue(random, 3), random)
    const at = Math.floor(random() * text.length)
    const marks = ['', ',', '}', ']', '{', '[', '"', ':', '\\', '1,', ',,', '{}']
    const broken = text.slice(0, at) + marks[round % marks.length] + text.slice(at + (round % 2))
    const read = await parseJsonInSlices(broken, DEPTH)
    const isRight = jsonFault(broken) === undefined
    assert.equal(read !== undefined, isRight, broken.replaceAll(LONG, '…'))
    if (isRight) assert.deepEqual(read?.value, parseJson(broken))
    else refused++
  }
  assert.ok(refused > 40, `${refused} refused`)
})

test('a key that stands twice is noticed, in one piece or far apart', async () => {
  const fill = Array.from({ length: 10_000 }, (_, at) => `"k${at}":1`).join()
  for (const [text, isDouble] of [
    [`{"a":1,${fill},"b":1}`, false],
    [`{"a":1,${fill},"a":1}`, true],
    [`{"a":1,"a":2,${fill}}`, true],
    [`{"a":{${fill}},"b":1,"a":{${fill}}}`, true],
    [`[{"a":[${fill.replaceAll(':', ',')}],"b":{"c":1,"\\u0063":2}}]`, true],
  ] as const) {
    assert.equal((await parseJsonInSlices(text, DEPTH))?.mayHaveDuplicates, isDouble)
  }
})

test('a long text takes many turns, and one that is too deep is refused', async () => {
  const text = `{${Array.from({ length: 100_000 }, (_, at) => `"key${at}":${at}`).join()}}`
  const turns = new TurnCounter()
  assert.ok((await parseJsonInSlices(text, DEPTH)) !== undefined)
  assert.ok(turns.stop() >= 15)
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  assert.ok((await parseJsonInSlices(nested(DEPTH), DEPTH)) !== undefined)
  assert.equal(await parseJsonInSlices(nested(DEPTH + 1), DEPTH), undefined)
  assert.equal(await parseJsonInSlices(nested(200_000), DEPTH), undefined)
})
