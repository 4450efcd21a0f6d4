import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressAt, contains, formatCidr, parseCidr, subnetAt } from './cidr.ts'

test('reads ranges and finds their addresses', () => {
  assert.equal(formatCidr(parseCidr('10.96.1.2/16')), '10.96.0.0/16')
  assert.equal(addressAt(parseCidr('10.96.0.0/16'), 10), '10.96.0.10')
  assert.equal(addressAt(parseCidr('10.96.0.0/16'), 300), '10.96.1.44')
  assert.equal(addressAt(parseCidr('255.255.255.0/24'), 255), '255.255.255.255')
  assert.throws(() => addressAt(parseCidr('10.0.0.0/30'), 4))
})

test('cuts ranges for nodes out of the cluster’s', () => {
  const cluster = parseCidr('10.244.0.0/16')
  assert.equal(formatCidr(subnetAt(cluster, 24, 255)), '10.244.255.0/24')
  assert.throws(() => subnetAt(cluster, 24, 256))
  assert.ok(contains(subnetAt(cluster, 24, 1), '10.244.1.255'))
  assert.ok(!contains(subnetAt(cluster, 24, 1), '10.244.2.0'))
})

test('refuses what is no range', () => {
  for (const text of ['10.0.0.0', '10.0.0.256/8', '10.0.0.0/33', 'fd00::/8', '']) {
    assert.throws(() => parseCidr(text), text)
  }
})
