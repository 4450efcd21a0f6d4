import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLabelSelector, parseLabelSelector, Selector, selectorOf } from './label-selector.ts'

const matches = (selector: string, labels: Record<string, string>) =>
  parseLabelSelector(selector).matches(labels)

test('matches as upstream', () => {
  const labels = { app: 'web', tier: 'front', n: '5', empty: '' }
  const yes = [
    '',
    'app=web',
    'app==web,tier=front',
    'app in (web, api)',
    'x notin (a),app',
    'x!=a',
    '!x',
    'n>4',
    'n<6',
    'empty=',
    'empty in ()',
    'empty in (,a)',
    ' app = web ',
  ]
  const no = ['app=api', 'app,x', '!app', 'app notin (web)', 'n>5', 'app>1', 'x in (a)', 'app!=web']
  for (const selector of yes) assert.ok(matches(selector, labels), selector)
  for (const selector of no) assert.ok(!matches(selector, labels), selector)
  assert.ok(parseLabelSelector('!constructor').matches({}))
  assert.ok(parseLabelSelector('!a').matches(undefined))
  assert.ok(parseLabelSelector('in in (in, notin)').matches({ in: 'notin' }))
})

test('the text form is normal and sorted', () => {
  const cases: Readonly<Record<string, string>> = {
    'x in (b,a,a),a=b': 'a=b,x in (a,b)',
    '!x , y': '!x,y',
    'x==1,z!=2': 'x==1,z!=2',
    'x>1,y<2': 'x>1,y<2',
    'x notin (,)': 'x notin ()',
  }
  for (const [text, normal] of Object.entries(cases)) {
    assert.equal(`${parseLabelSelector(text)}`, normal, text)
  }
})

test('errors of the grammar', () => {
  const cases: Readonly<Record<string, string>> = {
    ',a': "found ',', expected: !, identifier, or 'end of string'",
    'a,': "found '', expected: identifier after ','",
    'a b': "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    'a=b c': "found 'c', expected: ',' or 'end of string'",
    '!a=b': "found '=', expected: ',' or 'end of string'",
    'a in b': "unable to parse requirement: found 'b' expected: '('",
    'a in (b c)': "unable to parse requirement: found 'c', expected: ',' or ')'",
    'a==(b)': "unable to parse requirement: found '(', expected: identifier",
    'a>b':
      'unable to parse requirement: values[0]: Invalid value: "b": ' +
      "for 'Gt', 'Lt' operators, the value must be an integer",
  }
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => parseLabelSelector(text), { message }, text)
  }
  assert.throws(() => parseLabelSelector('a/b/c=d'), {
    message:
      /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a valid label key must/,
  })
  assert.throws(() => parseLabelSelector('a=-'), {
    message:
      /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-": a valid label must/,
  })
})

test('the selector of an object', () => {
  assert.ok(selectorOf(undefined).matchesNothing)
  assert.ok(!selectorOf(undefined).matches({}))
  assert.ok(selectorOf({}).isEverything)
  const selector = selectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['b', 'a'] },
      { key: 'x', operator: 'DoesNotExist' },
    ],
  })
  assert.equal(`${selector}`, 'app=web,tier in (a,b),!x')
  assert.equal(selector.exactValue('app'), 'web')
  assert.equal(selector.exactValue('tier'), undefined)
  assert.equal(formatLabelSelector({}), '<none>')
  assert.equal(
    formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] }),
    '<error>',
  )
  assert.throws(() => selectorOf({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), {
    message: '"Near" is not a valid label selector operator',
  })
  assert.ok(Selector.fromLabels({ a: 'b' }).matches({ a: 'b', c: 'd' }))
})
