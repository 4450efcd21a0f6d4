import { systemClock } from '../base/clock.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { createLogger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import { copyStore } from '../cluster/copy-store.ts'
import { type EtcdOptions, etcdChoiceOf } from './etcd-options.ts'
import { klogSink } from './klog.ts'

export interface StoreCopyOptions extends EtcdOptions {
  readonly from: string
  readonly to: string
  readonly fromPrefix?: string
  readonly toPrefix?: string
  readonly force?: boolean
}

/** `wherry store copy`: moves a cluster's state from one engine to another. */
export async function storeCopy(options: StoreCopyOptions): Promise<void> {
  const { from, to, fromPrefix, toPrefix } = options
  const write = (line: string) => void process.stderr.write(line)
  const { copied, removed } = await copyStore({
    ...{ from, to, fromPrefix, toPrefix },
    isForced: options.force === true,
    etcd: etcdChoiceOf({ ...options, etcdServers: '' }),
    files: systemFileSystem,
    clock: systemClock,
    random: systemRandom,
    logger: createLogger((level, message, fields) => {
      if (level === 'error') klogSink(write, systemClock, 0)(level, message, fields)
    }),
  })
  const replaced = removed === 0 ? '' : `; ${removed} others were removed`
  process.stdout.write(`Copied ${copied} keys from ${from} to ${to}${replaced}.\n`)
}
