import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt, seededRandom } from '../../base/random.ts'
import { CopyOnWriteTree } from './copy-on-write-tree.ts'

type Model = Map<string, number>
interface Pair {
  readonly tree: CopyOnWriteTree<number>
  readonly model: Model
}

const weightOf = (value: number) => value % 3
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + weightOf(value), 0)

function valuesIn(tree: CopyOnWriteTree<number>, from: string, below?: string): number[] {
  const values: number[] = []
  tree.visit(from, below, (value) => values.push(value) > 0)
  return values
}

function check({ tree, model }: Pair, from: string, below: string): void {
  const sorted = [...model].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const all = sorted.map(([, value]) => value)
  assert.deepEqual(valuesIn(tree, ''), all)
  assert.equal(tree.weightBefore(undefined), total(all))
  const inRange = sorted.filter(([key]) => key >= from && key < below).map(([, value]) => value)
  assert.deepEqual(valuesIn(tree, from, below), inRange)
  const before = sorted.filter(([key]) => key < from).map(([, value]) => value)
  assert.equal(tree.weightBefore(from), total(before))
  for (const [key, value] of model) assert.equal(tree.get(key), value)
}

for (let seed = 1; seed <= 6; seed++) {
  test(`a tree and all its clones are ordered maps, seed ${seed}`, () => {
    const random = seededRandom(seed)
    const keys = 50 * 10 ** (seed % 3)
    const randomKey = () => `k${randomInt(random, keys)}`
    let pairs: Pair[] = [{ tree: new CopyOnWriteTree(weightOf), model: new Map() }]
    for (let phase = 0; phase < 30; phase++) {
      const growth = phase % 6 < 3 ? 0.8 : 0.2
      for (let step = 0; step < 150; step++) {
        const { tree, model } = pairs[randomInt(random, pairs.length)] as Pair
        const key = randomKey()
        if (random.next() < growth) {
          tree.set(key, step)
          model.set(key, step)
        } else {
          tree.delete(key)
          model.delete(key)
        }
      }
      const chosen = pairs[randomInt(random, pairs.length)] as Pair
      pairs = [...pairs.slice(-3), { tree: chosen.tree.clone(), model: new Map(chosen.model) }]
      for (const pair of pairs) check(pair, randomKey(), randomKey())
    }
  })
}

test('keys in order, and all removed again in order', () => {
  const tree = new CopyOnWriteTree<number>(() => 1)
  const name = (i: number) => String(i).padStart(6, '0')
  for (let i = 0; i < 20_000; i++) tree.set(name(i), i)
  assert.equal(tree.weightBefore(name(12_345)), 12_345)
  for (let i = 0; i < 19_990; i++) tree.delete(name(i))
  assert.deepEqual(
    valuesIn(tree, ''),
    [...Array(10).keys()].map((i) => i + 19_990),
  )
  assert.equal(tree.weightBefore(undefined), 10)
})

test('a visit ends when the visitor says so', () => {
  const tree = new CopyOnWriteTree<number>(() => 1)
  for (let i = 0; i < 1000; i++) tree.set(String(i).padStart(4, '0'), i)
  const seen: number[] = []
  tree.visit('0500', undefined, (value) => seen.push(value) < 3)
  assert.deepEqual(seen, [500, 501, 502])
})
