import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePrimary } from './node-address.ts'

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth1	00000000	010000C0	0003	0	0	200	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
`
const at = (name: string, address: string) => ({ interface: name, address })

test('the interface with the best default route names the machine', () => {
  const addresses = [at('eth1', '192.0.0.7'), at('eth0', '192.0.2.7')]
  assert.equal(choosePrimary(addresses, ROUTES), '192.0.2.7')
  assert.equal(choosePrimary([at('eth1', '192.0.0.7')], ROUTES), '192.0.0.7')
})

test('without a route any address but our own bridges will do, else loopback', () => {
  const addresses = [at('wherry0', '10.244.0.1'), at('en0', '192.0.2.7')]
  assert.equal(choosePrimary(addresses, ''), '192.0.2.7')
  assert.equal(choosePrimary([at('wherry0', '10.244.0.1')], ''), '127.0.0.1')
})
