/** One metric: what it is called, and what it means. README.md's table is checked against this one. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
}

function gauge(name: string, help: string, ...labels: readonly string[]): MetricFamily {
  return { name, type: 'gauge', help, labels };
}

function counter(name: string, help: string, ...labels: readonly string[]): MetricFamily {
  return { name, type: 'counter', help, labels };
}

/** Every name, in the order in which they are told; labels hold beds by name, codes and states, and nothing else about a patient. */
export const FAMILIES: readonly MetricFamily[] = [
  gauge('chirpd_info', 'Always 1; the labels say what runs.', 'version', 'model', 'provider'),
  gauge('chirpd_live', '1: gets on with its work. 0: stands still, and should be started again.'),
  gauge('chirpd_ready', '1: finds events and tells them. 0: does not, at the moment.'),
  gauge(
    'chirpd_loop_delay_p50_seconds',
    'How late the main loop gets round to things, median over the last minute or two.',
  ),
  gauge('chirpd_loop_delay_p99_seconds', 'The same, 99th percentile.'),
  gauge('chirpd_loop_delay_max_seconds', 'The same, the longest.'),

  gauge(
    'chirpd_overload_level',
    '0: nothing is left out. 1: trends are. 2: every second detection step, too. 3: three of four.',
  ),
  gauge('chirpd_overload_loop_delay_seconds', 'The longest that the main loop was late, in the newest second.'),
  gauge('chirpd_overload_pending_steps', 'Detection steps of live beds that the model has not answered.'),
  gauge('chirpd_overload_oldest_step_seconds', 'How long the oldest of them waits.'),
  gauge(
    'chirpd_overload_latest_bed_seconds',
    'How far the live bed furthest behind the wall clock is behind it, of files and generators.',
  ),
  counter('chirpd_shed_total', 'What was left out of live beds: seconds of trends, and detection steps.', 'kind'),

  gauge('chirpd_bed_state', '1 for the state that a bed is in, 0 for the others.', 'bed', 'state'),
  gauge('chirpd_bed_newest_sample_age_seconds', 'Since the newest sample came; none where no sample ever came.', 'bed'),
  gauge('chirpd_bed_stale', '1: streams in real time, and no sample for over 4 s.', 'bed'),
  gauge('chirpd_bed_channel_faults', 'Channels that are off, flat, saturated or humming.', 'bed'),
  gauge('chirpd_bed_clock_drift_ppm', 'Drift of the device clock against this computer.', 'bed'),
  gauge('chirpd_bed_clock_jitter_seconds', 'Spread of the arrival of its samples.', 'bed'),
  counter('chirpd_bed_steps_left_out_total', 'Detection steps that were left out because the model was behind.', 'bed'),

  gauge('chirpd_alarms_open', 'Open alarms.', 'kind', 'priority', 'acknowledged'),
  gauge(
    'chirpd_technical_alarm',
    '1 for each open technical alarm; bed is empty for the daemon itself.',
    'code',
    'priority',
    'bed',
  ),

  counter('chirpd_inference_canvases_total', 'Canvases that have been looked at.'),
  counter('chirpd_inference_seen_canvases_total', 'Of them, those that the model saw: not those with nothing on them.'),
  counter('chirpd_inference_batches_total', 'Batches that they came in.'),
  counter('chirpd_inference_seconds_total', 'Time that the model ran.'),
  gauge('chirpd_inference_waiting_canvases', 'Canvases that wait for the model.'),
  counter('chirpd_inference_restarts_total', 'Inference processes that died or hung and were replaced.'),

  gauge('chirpd_timeline_cursor', 'Newest cursor.'),
  gauge('chirpd_timeline_bytes', 'Size of the store on disk.'),
  gauge('chirpd_timeline_used_bytes', 'Of it in use.'),
  gauge('chirpd_timeline_write_seconds', 'How long the newest write took.'),
  gauge('chirpd_timeline_waiting_records', 'Records that wait for the disk.'),
  counter('chirpd_timeline_failed_writes_total', 'Writes that the disk refused.'),
  counter('chirpd_timeline_lost_records_total', 'Records that were given up.'),
  gauge('chirpd_data_free_bytes', 'Free for the daemon on the file system of its data folder.'),
  gauge('chirpd_data_size_bytes', 'Size of that file system.'),

  gauge('chirpd_recording_files', 'Recordings kept; none where nothing is recorded.'),
  gauge('chirpd_recording_bytes', 'Size of them.'),
  counter('chirpd_recording_left_out_samples_total', 'Samples that could not be recorded.', 'bed'),

  gauge(
    'chirpd_influx_state',
    '1 for the state that InfluxDB is in, 0 for the others; none without InfluxDB.',
    'state',
  ),
  gauge('chirpd_influx_behind_records', 'Records of the timeline that InfluxDB has not got yet.'),
  gauge('chirpd_influx_waiting_points', 'Points of trends and health that wait in memory.'),
  counter('chirpd_influx_dropped_points_total', 'Points of trends and health that were dropped.'),
  counter('chirpd_influx_missed_records_total', 'Records that InfluxDB will never have.', 'reason'),

  gauge('chirpd_clients', 'Connected WebSocket clients.', 'path'),
  counter('chirpd_clients_admitted_total', 'Clients that have connected.', 'path'),
  counter(
    'chirpd_clients_refused_total',
    'Clients turned away because as many were connected as may be.',
    'path',
    'reason',
  ),
  counter('chirpd_clients_closed_total', 'Connections that the daemon ended, by close code.', 'path', 'code'),
  counter('chirpd_client_left_out_messages_total', 'Live messages that slow clients did not get.', 'topic'),
  gauge('chirpd_client_max_behind_records', 'Records that the client furthest behind has not got.'),

  gauge('process_resident_memory_bytes', 'Resident memory, without the inference process.'),
  gauge('process_heap_bytes', 'Of it JavaScript objects in use.'),
  gauge('process_open_fds', 'Open file descriptors.'),
  counter('process_cpu_seconds_total', 'Processor time, without the inference process.'),
  gauge('process_start_time_seconds', 'Unix time at which it started.'),
];
