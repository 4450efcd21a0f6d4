import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CidrSet } from './cidr-set.ts'

test('parts are given out in turn, and one that is given back is used again last', () => {
  const set = new CidrSet('10.244.0.0/22', 24)
  assert.equal(set.allocate(), '10.244.0.0/24')
  assert.equal(set.allocate(), '10.244.1.0/24')
  set.release('10.244.0.0/24')
  assert.equal(set.allocate(), '10.244.2.0/24')
  assert.equal(set.allocate(), '10.244.3.0/24')
  assert.equal(set.allocate(), '10.244.0.0/24')
  assert.equal(set.allocate(), undefined)
})

test('what others hold is not given out, whatever its size', () => {
  const set = new CidrSet('10.244.0.0/22', 24)
  set.occupy('10.244.0.128/25')
  set.occupy('10.244.2.0/23')
  set.occupy('192.168.0.0/16')
  assert.equal(set.allocate(), '10.244.1.0/24')
  assert.equal(set.allocate(), undefined)
  const inside = new CidrSet('10.244.0.0/23', 24)
  inside.occupy('10.0.0.0/8')
  assert.equal(inside.allocate(), undefined)
})

test('ranges of IPv6 are cut the same way', () => {
  const set = new CidrSet('fd00:10::/56', 64)
  assert.equal(set.allocate(), 'fd00:10::/64')
  assert.equal(set.allocate(), 'fd00:10:0:1::/64')
})

test('a range that cannot be cut is refused', () => {
  assert.throws(() => new CidrSet('10.244.0.0/25', 24))
  assert.throws(() => new CidrSet('10.0.0.0/4', 24))
  assert.throws(() => new CidrSet('nonsense', 24))
})
