import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt, seededRandom } from '../base/random.ts'
import type { LabelRequirement } from './label-requirement.ts'
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

/** As the operators are defined, one after the other. */
function holds({ key, operator, values }: LabelRequirement, labels: Record<string, string>) {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
    case 'lt': {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false
      return operator === 'gt'
        ? Number(value) > Number(values[0])
        : Number(value) < Number(values[0])
    }
    default:
      return value !== undefined && values.includes(value)
  }
}

test('many requirements at once are what each of them is', () => {
  const random = seededRandom(1)
  const pick = <T>(list: readonly T[]) => list[randomInt(random, list.length)] as T
  const keys = ['a', 'b', 'c', 'constructor', ...Array.from({ length: 6 }, (_, at) => `k${at}`)]
  const operators = [
    'in',
    'notin',
    '=',
    '==',
    '!=',
    'exists',
    '!',
    'gt',
    'lt',
    '!=',
    'notin',
  ] as const
  const texts = ['1', '2', '3', 'x', '']
  const counts = { true: 0, false: 0 }
  for (let round = 0; round < 3000; round++) {
    const requirements = Array.from({ length: 1 + randomInt(random, 9) }, (): LabelRequirement => {
      const operator = pick(operators)
      const isSet = operator === 'in' || operator === 'notin'
      const isNumber = operator === 'gt' || operator === 'lt'
      const values = isSet
        ? texts.filter(() => random.next() < 0.7)
        : [pick(isNumber ? ['1', '2'] : texts)]
      if (operator === 'exists' || operator === '!')
        return { key: pick(keys), operator, values: [] }
      return { key: pick(keys), operator, values: values.length === 0 ? ['1'] : values }
    })
    const labels = Object.fromEntries(
      keys.filter(() => random.next() < 0.5).map((key) => [key, pick(texts)]),
    )
    const expected = requirements.every((one) => holds(one, labels))
    counts[`${expected}`]++
    const text = requirements.map(({ key, operator, values }) => `${key} ${operator} ${values}`)
    assert.equal(
      Selector.of(requirements).matches(labels),
      expected,
      `${text} of ${JSON.stringify(labels)}`,
    )
  }
  assert.ok(counts.true > 200, `${counts.true} of 3000 match`)
  assert.equal(Selector.of([{ key: 'a', operator: '!', values: [] }]).matches(undefined), true)
})

test('thousands of requirements look at no more than an object has', () => {
  let looks = 0
  const labels = new Proxy<Record<string, string>>(
    { a: '1', b: '2' },
    {
      get(target, key) {
        looks++
        return Reflect.get(target, key)
      },
      getOwnPropertyDescriptor(target, key) {
        looks++
        return Reflect.getOwnPropertyDescriptor(target, key)
      },
      ownKeys(target) {
        looks++
        return Reflect.ownKeys(target)
      },
    },
  )
  const many = (term: (at: number) => string) =>
    parseLabelSelector(Array.from({ length: 5000 }, (_, at) => term(at)).join(','))
  assert.equal(many((at) => `k${at}!=v`).matches(labels), true)
  assert.equal(many((at) => `a!=v${at}`).matches(labels), true)
  assert.equal(many((at) => `!k${at}`).matches(labels), true)
  assert.equal(many((at) => (at < 2 ? 'ab'[at] : `k${at}`) as string).matches(labels), false)
  assert.ok(looks < 50, `${looks} looks`)
})
