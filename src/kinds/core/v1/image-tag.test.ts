import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageTagOf } from './image-tag.ts'

test('tags of images', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const cases: Readonly<Record<string, string>> = {
    redis: 'latest',
    'redis:7': '7',
    'redis:latest': 'latest',
    'localhost:5000/a/b': 'latest',
    'localhost:5000/a/b:v1.2': 'v1.2',
    'Registry.example.com/a': 'latest',
    [`redis@${digest}`]: '',
    [`redis:7@${digest}`]: '7',
    '': '',
    'Not Valid': '',
    'a/B': '',
  }
  for (const [image, tag] of Object.entries(cases)) assert.equal(imageTagOf(image), tag, image)
})
