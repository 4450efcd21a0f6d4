import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ServerRequest } from '../request.ts'
import { FlowControl } from './flow-control.ts'
import { dumpPriorityLevels, dumpQueues, dumpRequests } from './flow-control-dump.ts'

const ONE_SEAT = { seats: 1, finalSeats: 0, finalMs: 0 }

test('what waits and runs, as programs read it', async () => {
  const clock = new VirtualClock()
  const flowControl = new FlowControl(clock, silentLogger, 600, true)
  const request = new ServerRequest({
    ...{ method: 'GET', url: '/apis/apps/v1/namespaces/a/deployments/b/scale' },
    user: { name: 'alice', groups: [] },
    signal: new AbortController().signal,
  })
  const level = flowControl.levels.get('catch-all')
  assert.ok(level !== undefined)
  level.rejected.set('queue-full', 3)
  level.rejected.set('cancelled', 1)
  await clock.advance(1500)
  const subject = { request, schemaName: 'catch-all', distinguisher: 'alice' }
  const run = level.queueSet.arrive(ONE_SEAT as never, [], subject)
  assert.equal(run.type, 'running')

  const [header = '', first = ''] = dumpPriorityLevels(flowControl).split('\n')
  assert.match(header, /^PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, /)
  assert.equal(header.indexOf('ActiveQueues'), first.indexOf('0,'), 'columns are aligned')
  assert.deepEqual(
    first.split(',').map((cell) => cell.trim()),
    ['catch-all', '0', 'false', 'false', '0', '1', '0', '3', '0', '1'],
  )
  assert.match(dumpQueues(flowControl), /^PriorityLevelName, Index, +PendingRequests, /)
  const [, line = ''] = dumpRequests(flowControl, clock, true).split('\n')
  assert.deepEqual(
    line.split(',').map((cell) => cell.trim()),
    [
      ...['catch-all', 'catch-all', '-1', '-1', 'alice', '2030-01-01T00:00:01.500Z'],
      ...['1', '0', '0ms', '2030-01-01T00:00:01.500Z', 'alice', 'get'],
      ...['/apis/apps/v1/namespaces/a/deployments/b/scale', 'a', 'b', 'apps/v1', 'deployments'],
      'scale',
    ],
  )
  if (run.type === 'running') run.run.finish()
  assert.equal(dumpRequests(flowControl, clock, false).split('\n').length, 2, 'the header alone')
})
