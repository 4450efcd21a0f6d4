import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type SecuredApi, startSecuredApi } from '../../../test/support/secured-api.ts'
import type { StatusError } from '../../machinery/status-error.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { type Attributes, UnionAuthorizer } from './authorizer.ts'

const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

describe('access reviews with selectors', () => {
  let api: SecuredApi
  let asked: Attributes | undefined

  before(async () => {
    api = await startSecuredApi(({ authorizer, rbac }) => {
      const watching = new UnionAuthorizer([
        {
          authorize(attributes) {
            asked = attributes
            return { verdict: 'NoOpinion', reason: '' }
          },
        },
        authorizer,
      ])
      return { virtual: accessReviewHandlers(watching, rbac) }
    })
  })
  after(() => api[Symbol.dispose]())

  const review = (selectors: object) => {
    const resourceAttributes = { verb: 'list', resource: 'pods', version: 'v1', ...selectors }
    return api.admin.raw('POST', PATH, { spec: { user: 'jane', resourceAttributes } })
  }

  test('authorizers see them in their text form', async () => {
    await review({
      fieldSelector: {
        requirements: [
          { key: 'spec.nodeName', operator: 'In', values: ['one'] },
          { key: 'a', operator: 'NotIn', values: ['b'] },
          { key: 'c', operator: 'In', values: ['d', 'e'] },
          { key: 'f', operator: 'Exists' },
        ],
      },
      labelSelector: {
        requirements: [
          { key: 'app', operator: 'In', values: ['x', 'y'] },
          { key: 'b', operator: 'NotIn', values: ['z'] },
          { key: 'c', operator: 'Exists' },
          { key: 'd', operator: 'DoesNotExist' },
          { key: 'e', operator: 'Near', values: ['z'] },
        ],
      },
    })
    assert.equal(asked?.fieldSelector, 'spec.nodeName=one,a!=b')
    assert.equal(asked?.labelSelector, 'app in (x,y),b notin (z),c,!d')
    await review({ fieldSelector: { rawSelector: 'a=b' }, labelSelector: { rawSelector: 'c' } })
    assert.deepEqual([asked?.fieldSelector, asked?.labelSelector], ['a=b', 'c'])
  })

  test('what is wrong with them is said', async () => {
    const wrong = review({
      fieldSelector: {
        requirements: [
          { key: '', operator: 'In' },
          { key: 'a', operator: 'Exists', values: ['b'] },
        ],
      },
      labelSelector: {
        rawSelector: 'a',
        requirements: [{ key: 'a b', operator: 'In', values: ['c d'] }],
      },
    })
    await assert.rejects(wrong, (error: StatusError) => {
      const base = 'spec.resourceAttributes'
      const fields = (error.details?.causes ?? []).map(({ field }) => field)
      assert.deepEqual(fields, [
        `${base}.fieldSelector.requirements[0].key`,
        `${base}.fieldSelector.requirements[0].values`,
        `${base}.fieldSelector.requirements[1].values`,
        `${base}.labelSelector.rawSelector`,
        `${base}.labelSelector.requirements[0].key`,
        `${base}.labelSelector.requirements[0].values[0]`,
      ])
      return error.code === 422
    })
  })

  test('what cannot be understood of them is told', async () => {
    const faultsOf = async (selectors: object) =>
      ((await review(selectors)) as { status: { evaluationError?: string } }).status.evaluationError
    const near = { key: 'e', operator: 'Near', values: ['z'] }
    const isIn = { key: 'a', operator: 'In', values: ['x,y'] }
    assert.equal(
      await faultsOf({
        fieldSelector: { rawSelector: 'a b' },
        labelSelector: { requirements: [near] },
      }),
      'spec.resourceAttributes.fieldSelector ignored due to parse error; ' +
        'spec.resourceAttributes.labelSelector ignored due to parse error',
    )
    assert.deepEqual([asked?.fieldSelector, asked?.labelSelector], ['', ''])
    assert.equal(
      await faultsOf({ fieldSelector: { requirements: [near, isIn] } }),
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
    )
    assert.equal(asked?.fieldSelector, 'a=x\\,y')
  })

  test('roles know nothing of them', async () => {
    const answer = await review({ fieldSelector: { rawSelector: 'a=b' } })
    assert.equal((answer as { status: { allowed: boolean } }).status.allowed, false)
  })
})
