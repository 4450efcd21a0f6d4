import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf, definitionOf } from '../src/apiserver/verbs/table-columns.ts'
import { builtInKinds } from '../src/kinds/index.ts'
import { printerColumns } from './printer-columns.data.ts'

test('every kind shows the columns that upstream shows', () => {
  const kinds = new Map(builtInKinds.map((kind) => [`${kind.apiVersion} ${kind.plural}`, kind]))
  for (const line of printerColumns.split('\n')) {
    const resource = line.slice(0, line.indexOf(': '))
    const kind = kinds.get(resource)
    assert.ok(kind, resource)
    const columns = columnsOf(kind).map((column) => {
      const { name, type, format, priority } = definitionOf(column)
      return `${name} ${type}${format === '' ? '' : `/${format}`}${priority === 0 ? '' : ' wide'}`
    })
    assert.equal(`${resource}: ${columns.join(', ')}`, line)
  }
})
