/** Reasons of a Deployment's Progressing condition and of its events, as clients test them. */
export const REPLICA_SET_UPDATED = 'ReplicaSetUpdated'
export const REPLICA_SET_CREATE_ERROR = 'ReplicaSetCreateError'
export const NEW_REPLICA_SET_CREATED = 'NewReplicaSetCreated'
export const FOUND_NEW_REPLICA_SET = 'FoundNewReplicaSet'
export const NEW_REPLICA_SET_AVAILABLE = 'NewReplicaSetAvailable'
export const PROGRESS_DEADLINE_EXCEEDED = 'ProgressDeadlineExceeded'
export const DEPLOYMENT_PAUSED = 'DeploymentPaused'
export const DEPLOYMENT_RESUMED = 'DeploymentResumed'

export const MINIMUM_REPLICAS_AVAILABLE = 'MinimumReplicasAvailable'
export const MINIMUM_REPLICAS_UNAVAILABLE = 'MinimumReplicasUnavailable'

export const SCALING_REPLICA_SET = 'ScalingReplicaSet'
export const SELECTING_ALL = 'SelectingAll'
export const ROLLBACK_DONE = 'DeploymentRollback'
export const ROLLBACK_REVISION_NOT_FOUND = 'DeploymentRollbackRevisionNotFound'
export const ROLLBACK_TEMPLATE_UNCHANGED = 'DeploymentRollbackTemplateUnchanged'
