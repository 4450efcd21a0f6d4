import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, Histogram, Registry } from 'prom-client'
import { SeriesCounter, SeriesHistogram } from './metric-series.ts'

test('the registry shows the same as of the library’s own metrics', async () => {
  const buckets = [0.1, 1, 5]
  const values = [0.05, 0.1, 0.1001, 1, 3, 5, 7]
  const theirs = new Registry()
  const ours = new Registry()
  const description = (what: string) => ({ name: `test_${what}`, help: `Of ${what}.` })

  const histogram = new Histogram({
    ...description('seconds'),
    ...{ buckets, labelNames: ['verb', 'code'], registers: [theirs] },
  })
  const histogramSeries = new SeriesHistogram({
    ...description('seconds'),
    ...{ buckets, registers: [ours] },
  })
  const counter = new Counter({
    ...description('total'),
    ...{ labelNames: ['verb'], registers: [theirs] },
  })
  const counterSeries = new SeriesCounter({ ...description('total'), registers: [ours] })

  for (const verb of ['GET', 'PO"ST']) {
    const labels = { verb, code: '200' }
    const series = histogramSeries.series(labels)
    const count = counterSeries.series({ verb })
    for (const value of values) {
      histogram.observe(labels, value)
      series.observe(value)
      counter.inc({ verb })
      count.value++
    }
  }
  assert.deepEqual(linesOf(await ours.metrics()), linesOf(await theirs.metrics()))
  ours.resetMetrics()
  assert.doesNotMatch(await ours.metrics(), /verb="GET"/, 'as if it had never been')
})

/** The order of lines and labels says nothing. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => {
    const [, name, labels = '', value] = /^([^{]+)\{(.*)\} (.*)$/.exec(line) ?? []
    return name === undefined ? line : `${name} ${labels.split(',').toSorted()} ${value}`
  })
  return lines.toSorted()
}
