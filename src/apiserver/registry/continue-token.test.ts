import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeContinue, encodeContinue } from './continue-token.ts'

test('a token leads to the point that it was made of', () => {
  const point = { revision: 7, startKey: 'default/a\0' }
  const token = encodeContinue(point)
  assert.deepEqual(decodeContinue(token), point)
  const text = Buffer.from(token, 'base64url').toString()
  assert.equal(text, '{"v":"meta.k8s.io/v1","rv":7,"start":"/default/a\\u0000"}')
  const bare = Buffer.from(text.replace('/default', 'default')).toString('base64url')
  assert.deepEqual(decodeContinue(bare), point, 'the slash may be missing')
})

test('what is wrong with a token is told in Go’s words', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const cases = {
    ' ': 'illegal base64 data at input byte 0',
    'e30=': 'illegal base64 data at input byte 3',
    e30aa: 'illegal base64 data at input byte 4',
    [encode('x')]: "invalid character 'x' looking for beginning of value",
    garbage: "invalid character '\\u0081' looking for beginning of value",
    [encode('{"v":')]: 'unexpected end of JSON input',
    [encode('{"v":"meta.k8s.io/v1","rv":1,"start":"/a/../b"}')]: '/a/../b',
    [encode('{"v":"meta.k8s.io/v1","rv":1,"start":"//a"}')]: '//a',
    [encode('{"rv":1}')]: 'server does not recognize this encoded version ',
  }
  for (const [token, why] of Object.entries(cases)) {
    const message = `invalid continue token: continue key is not valid: ${why}`
    assert.throws(() => decodeContinue(token), { message })
  }
})
