/** What `import ... from 'wherry'` gives. */
export { Cluster } from './cluster.ts'
export type { ClusterOptions, ClusterStatus } from './cluster-options.ts'
