const subjects = (...names: readonly string[]) =>
  names.map((name) => ({ kind: 'Group', group: { name } }))

const everything = {
  resourceRules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}

/** The flow schemas that every server has and no one may change, by name. */
export const MANDATORY_SCHEMA_SPECS = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: subjects('system:masters'), ...everything }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: subjects('system:unauthenticated', 'system:authenticated'), ...everything }],
  },
}

/** The priority levels that every server has, by name; of `exempt` only the type is fixed. */
export const MANDATORY_LEVEL_SPECS = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 5,
      limitResponse: { type: 'Reject' },
      lendablePercent: 0,
    },
  },
}
