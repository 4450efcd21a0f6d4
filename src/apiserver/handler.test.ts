import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, explained, heard } from './handler.ts'
import { ServerRequest } from './request.ts'

const { signal } = new AbortController()
const OK = { type: 'object', code: 200, object: {} } as const

describe('an answer that is passed on', () => {
  const request = new ServerRequest({ method: 'GET', url: '/', headers: {}, signal })
  const error = new Error('no')
  const outcomes: readonly (readonly [string, () => Answer, unknown])[] = [
    ['an answer at once', () => OK, OK],
    ['an answer later', async () => OK, OK],
    [
      'an error at once',
      () => {
        throw error
      },
      error,
    ],
    ['an error later', () => Promise.reject(error), error],
  ]
  const outcomeOf = async (pass: () => Answer) => {
    try {
      return await pass()
    } catch (thrown) {
      return thrown
    }
  }

  for (const [name, next, outcome] of outcomes) {
    test(`${name} is heard once and stays what it is`, async () => {
      const told: unknown[] = []
      const hear = (response: unknown, failure: unknown) => told.push(response ?? failure)
      assert.equal(await outcomeOf(() => heard(request, next, hear)), outcome)
      assert.deepEqual(told, [outcome])
    })

    test(`${name} is explained if it is an error`, async () => {
      const explain = (failure: unknown) => ({ explained: failure })
      const found = await outcomeOf(() => explained(request, next, explain))
      assert.deepEqual(found, outcome === error ? { explained: error } : outcome)
    })
  }

  test('costs no promise where it is there at once', () => {
    assert.equal(
      heard(
        request,
        () => OK,
        () => {},
      ),
      OK,
    )
    assert.equal(
      explained(
        request,
        () => OK,
        () => error,
      ),
      OK,
    )
  })
})
