import type { Component } from '../base/lifetime.ts'
import { uuid } from '../base/random.ts'
import type { Client } from '../client/client.ts'
import { LeaderElector } from '../client/leader-election.ts'
import type { ClusterOptions } from './cluster-options.ts'

/**
 * A component that runs on one of the servers that share a store: on that which holds the lease of
 * its name in kube-system, as upstream's `--leader-elect`. `make` gives a new one for each term.
 */
export function ledComponent(
  { clock, random, logger, nodeName }: ClusterOptions,
  name: string,
  client: Client,
  make: () => Component,
): Component {
  const elector = new LeaderElector({
    ...{ client, clock, random },
    logger: logger.with({ lease: name }),
    lease: { namespace: 'kube-system', name },
    identity: `${nodeName}_${uuid(random)}`,
    lead: (signal) => make().run(signal),
  })
  return { name, run: (signal) => elector.run(signal) }
}
