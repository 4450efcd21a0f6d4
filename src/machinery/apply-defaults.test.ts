import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyDefaults } from './apply-defaults.ts'
import { type SchemaNode, s } from './schema.ts'

const Port = s.struct('core.v1.Port', { port: s.int32(), protocol: s.string().default('TCP') })
const Spec = s.struct('core.v1.Spec', {
  ports: s.list(Port).optional(),
  byName: s.map(Port).optional(),
  selector: s.map(s.string()).optional(),
  strategy: s.struct('core.v1.Strategy', { type: s.string().default('Rolling') }).default({}),
})

test('fills in defaults and leaves the rest alone', () => {
  const given = { ports: [{ port: 1 }], byName: { a: {} }, selector: { x: 'y' }, extra: 1 }
  const filled = applyDefaults<Record<string, unknown>>(Spec.node, given)
  assert.deepEqual(filled, {
    ports: [{ port: 1, protocol: 'TCP' }],
    byName: { a: { protocol: 'TCP' } },
    selector: { x: 'y' },
    extra: 1,
    strategy: { type: 'Rolling' },
  })
  assert.equal(filled['selector'], given.selector)
  assert.equal(applyDefaults(Spec.node, filled), filled)
})

test('an empty text is absent, unless it stands behind a pointer', () => {
  const mode = s.string().default('File')
  const Both = s.struct('core.v1.Both', { plain: mode, pointer: mode.pointer() })
  const filled = applyDefaults(Both.node, { plain: '', pointer: '' })
  assert.deepEqual(filled, { plain: 'File', pointer: '' })
})

test('a recursive type without defaults costs nothing', () => {
  const node: SchemaNode = s.struct('x.v1.Props', {
    items: s.lazy('x.v1.Props', () => node).optional(),
  }).node
  const value = { items: { items: {} } }
  assert.equal(applyDefaults(node, value), value)
})
