/** How much Kubernetes promises of a metric: what has no level here is ALPHA. */
export type StabilityLevel = 'STABLE' | 'BETA' | 'ALPHA' | 'INTERNAL'

/** Upstream's levels of the API server's metrics, as its list of stable metrics has them. */
export const LEVELS: Readonly<Record<Exclude<StabilityLevel, 'ALPHA'>, readonly string[]>> = {
  STABLE: [
    'apiserver_admission_controller_admission_duration_seconds',
    'apiserver_admission_step_admission_duration_seconds',
    'apiserver_admission_webhook_admission_duration_seconds',
    'apiserver_current_inflight_requests',
    'apiserver_longrunning_requests',
    'apiserver_request_duration_seconds',
    'apiserver_request_total',
    'apiserver_requested_deprecated_apis',
    'apiserver_response_sizes',
    'apiserver_storage_objects',
    'apiserver_storage_size_bytes',
    'kubernetes_healthcheck',
    'kubernetes_healthchecks_total',
  ],
  BETA: [
    'apiserver_authentication_config_controller_automatic_reload_last_timestamp_seconds',
    'apiserver_authentication_config_controller_automatic_reloads_total',
    'apiserver_authorization_config_controller_automatic_reload_last_timestamp_seconds',
    'apiserver_authorization_config_controller_automatic_reloads_total',
    'apiserver_cel_compilation_duration_seconds',
    'apiserver_cel_evaluation_duration_seconds',
    'apiserver_flowcontrol_current_executing_requests',
    'apiserver_flowcontrol_current_executing_seats',
    'apiserver_flowcontrol_current_inqueue_requests',
    'apiserver_flowcontrol_dispatched_requests_total',
    'apiserver_flowcontrol_nominal_limit_seats',
    'apiserver_flowcontrol_rejected_requests_total',
    'apiserver_flowcontrol_request_wait_duration_seconds',
    'apiserver_storage_events_received_total',
    'apiserver_validating_admission_policy_check_duration_seconds',
    'apiserver_validating_admission_policy_check_total',
    'apiserver_validation_declarative_validation_mismatch_total',
    'apiserver_validation_declarative_validation_panic_total',
    'apiserver_watch_list_duration_seconds',
    'disabled_metrics_total',
    'hidden_metrics_total',
    'kubernetes_build_info',
    'kubernetes_feature_enabled',
    'registered_metrics_total',
    'workqueue_adds_total',
    'workqueue_depth',
    'workqueue_longest_running_processor_seconds',
    'workqueue_queue_duration_seconds',
    'workqueue_retries_total',
    'workqueue_unfinished_work_seconds',
    'workqueue_work_duration_seconds',
  ],
  INTERNAL: ['apiserver_validation_duplicate_validation_error_total'],
}

/** Metrics that will go, with the release that said so. */
export const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['apiserver_storage_objects', '1.34.0'],
])
