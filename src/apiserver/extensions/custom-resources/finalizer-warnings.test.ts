import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finalizerWarnings } from './finalizer-warnings.ts'

test('new finalizers without a path may be those of others', () => {
  const why = 'to avoid accidental conflicts with other finalizer writers'
  assert.deepEqual(
    [...finalizerWarnings(['a/b', 'orphan', 'plain', 'wherry.example', 'old'], ['old'])],
    [
      `metadata.finalizers: "plain": prefer a domain-qualified finalizer name ${why}`,
      `metadata.finalizers: "wherry.example": prefer a domain-qualified finalizer name including a path (/) ${why}`,
    ],
  )
})
