import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalIpErrors,
  cidrErrors,
  formatIp,
  ipErrors,
  isInCidr,
  parseCidr,
  parseIp,
} from './ip-address.ts'

test('addresses', () => {
  const canonical: Readonly<Record<string, string | undefined>> = {
    '10.0.0.1': '10.0.0.1',
    '010.002.003.004': '10.2.3.4',
    '::': '::',
    '::1': '::1',
    'FE80:0:0:0:0:0:0:0abc': 'fe80::abc',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
    '1:0:2:3:4:5:6:7': '1:0:2:3:4:5:6:7',
    '2001:db8::': '2001:db8::',
    '::ffff:1.2.3.4': '1.2.3.4',
    '1.2.3': undefined,
    '1.2.3.256': undefined,
    'fe80::1%eth0': undefined,
    '': undefined,
  }
  for (const [text, form] of Object.entries(canonical)) {
    assert.equal(parseIp(text)?.canonical, form, text)
  }
  assert.deepEqual(ipErrors('x'), ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
  assert.deepEqual(ipErrors('010.0.0.1'), ['must not have leading 0s'])
  assert.deepEqual(ipErrors('::ffff:1.2.3.4'), ['must not be an IPv4-mapped IPv6 address'])
  assert.deepEqual(ipErrors('FE80::1'), [])
  assert.deepEqual(canonicalIpErrors('FE80::1'), ['must be in canonical form ("fe80::1")'])
})

test('ranges', () => {
  assert.deepEqual(cidrErrors('10.0.0.0/8'), [])
  assert.deepEqual(cidrErrors('10.0.0.1/8'), ['must not have bits set beyond the prefix length'])
  assert.deepEqual(cidrErrors('010.0.0.0/8'), ['must not have leading 0s in IP or prefix length'])
  assert.deepEqual(cidrErrors('10.0.0.0/08'), ['must not have leading 0s in IP or prefix length'])
  assert.deepEqual(cidrErrors('::ffff:10.0.0.0/104'), ['must not have an IPv4-mapped IPv6 address'])
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'x/8', '::/129']) {
    assert.deepEqual(cidrErrors(text), [
      'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ])
  }
  const range = parseCidr('10.1.0.0/16')
  const inside = parseIp('10.1.255.1')
  const outside = parseIp('10.2.0.0')
  assert.ok(range && inside && outside)
  assert.ok(isInCidr(inside, range))
  assert.ok(!isInCidr(outside, range))
  assert.equal(parseCidr('10.1.2.3/16')?.canonical, '10.1.0.0/16')
})

test('every IPv6 address reads back as it is written', () => {
  fc.assert(
    fc.property(fc.bigInt(2n ** 49n, 2n ** 128n - 1n), (value) => {
      assert.equal(parseIp(formatIp('IPv6', value))?.value, value)
    }),
  )
})
