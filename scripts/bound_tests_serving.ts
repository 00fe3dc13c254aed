/**
 * Where each bound of the rooms that serve bites: `lib/http` and `lib/runtime`. A part of `bound_tests.ts`.
 *
 * @module
 */
import type { BoundEntry } from "./bound_tests.ts";

/** By file and name. */
export const SERVING_BOUND_TESTS: Readonly<Record<string, BoundEntry>> = {
  "lib/http/dashboard/interval_chart.tsx BAR_WIDTH_MAX": "pixels of a picture: nothing grows",
  "lib/http/dashboard/interval_chart.tsx BAR_STEP_MAX": "pixels of a picture: nothing grows",
  "lib/http/dashboard/ring_view.tsx NODES_DRAWN_MAX":
    "how a ring is shown: as a picture or as a list",
  "lib/http/dashboard/ring_view.tsx NODES_LISTED_MAX":
    "how a ring is shown: as a picture or as a list",
  "lib/http/rationed.ts CHEAP_MS_MAX": "which answers are made anew each time: a threshold",
  "lib/http/sorted_hashes.ts INSERTED_MAX": "which of two ways to sort is taken: a threshold",

  "lib/runtime/bounded_socket.ts CLOSE_MS_MAX":
    "how long a closed socket waits for the other end: nothing grows, and what comes meanwhile is bounded",
  "lib/runtime/bounded_socket.ts CLOSING_SIZE_BYTES_MAX": [
    "lib/runtime/bounded_socket_test.ts",
    "X03 who goes on after it was told of the end is cut after 64 KiB",
  ],
  "lib/runtime/bounded_socket.ts HEADER_SIZE_BYTES_MAX":
    "how much of a frame is no content: nothing grows",
  "lib/runtime/connections.ts ADDRESSES_MAX": [
    "lib/runtime/connections_test.ts",
    "X07 connections of 4,096 addresses are counted",
  ],
  "lib/runtime/answer_turns.ts ADDRESSES_MAX": [
    "lib/peers/token_bucket_test.ts",
    "NamedBuckets forgets the one that was not asked for",
    "with its own number",
  ],
  "lib/runtime/request_limit.ts TURN_MS_MAX":
    "how long a reader waits for its turn; how many wait is bounded by openMax",
  "lib/runtime/answer_turns.ts ANSWER_MS_MAX":
    "how long one answer holds the next up; how many wait is bounded by openMax",
  "lib/runtime/request_limit.ts BODY_MS_MAX": [
    "lib/runtime/request_limit_test.ts",
    "X03 half a body is cut after a time",
    "with its own number",
  ],
  "lib/runtime/lab/lab.ts DETAIL_LENGTH_MAX":
    "how much of one message is told; how many are told has bounds of its own",
  "lib/runtime/lab/lab_trace.ts ANNOUNCEMENTS_PER_SECOND_MAX": [
    "lib/runtime/lab/lab_trace_test.ts",
    "4,000 announcements of blocks a second",
  ],
  "lib/runtime/lab/lab_trace.ts CODES_MAX": [
    "lib/runtime/lab/lab_trace_test.ts",
    "500 codes of refusals are counted apart",
  ],
  "lib/runtime/lab/lab_trace.ts SILENCE_MS_MAX": "how often a sign of life comes: nothing grows",
  "lib/runtime/lab/node_teller.ts TXIDS_TOLD_MAX":
    "how much of one block is told; how many are told has bounds of its own",
  "lib/runtime/node_loop.ts BATCH_MS_MAX":
    "how long inputs gather; how many do is bounded by BATCH_INPUTS_MAX",
  "lib/runtime/node_loop.ts GIVE_WAY_MS_MAX":
    "how long a block that is being taken in gives way to payments: nothing grows",
  "lib/runtime/node_loop.ts SLEEP_MS_MAX": "how long a timer sleeps: nothing grows",
  "lib/runtime/start_node.ts DRAIN_MS_MAX": "how long the end of a node takes: nothing grows",
  "lib/runtime/verification/validate_chain.ts WINDOW_TRANSACTIONS_MAX":
    "how far threads work ahead of one another on a file: speed, and memory of one window",
  "lib/runtime/verification/verification_pool.ts CHUNK_TRANSACTIONS_MAX":
    "how work is cut for threads: speed, nothing grows",
  "lib/runtime/verification/verification_pool.ts ORDERS_PER_THREAD_MAX":
    "how work is cut for threads: speed, nothing grows",
  "lib/http/chain_routes.ts BLOCK_LIST_MAX": [
    "lib/http/list_limits_test.ts",
    "X04 GET /blocks gives",
  ],
  "lib/http/chain_routes.ts AUDIT_BALANCES_MAX": [
    "lib/http/list_limits_test.ts",
    "X04 an audit lists",
  ],
  "lib/http/event_hub.ts LISTENERS_MAX": [
    "lib/http/event_stream_test.ts",
    "the event hub bounds how many listen",
  ],
  "lib/http/event_hub.ts RESUME_MS_MAX": [
    "lib/http/event_stream_test.ts",
    "W04 the event hub forgets a listener",
  ],
  "lib/http/event_hub.ts SEEN_IDS_MAX": [
    "lib/http/event_stream_test.ts",
    "W04 an event of transactions seen",
  ],
  "lib/http/event_log.ts LOG_EVENTS_MAX": [
    "lib/http/event_log_test.ts",
    "W04 the log keeps",
  ],
  "lib/http/event_log.ts LOG_CHARACTERS_MAX": [
    "lib/http/event_log_test.ts",
    "W04 the log keeps so many characters",
  ],
  "lib/http/event_log.ts BATCH_EVENTS_MAX": [
    "lib/http/event_log_test.ts",
    "W04 ",
  ],
  "lib/http/event_log.ts BATCH_CHARACTERS_MAX": [
    "lib/http/event_log_test.ts",
    "W04 ",
  ],
  "lib/http/lab_routes.ts BODY_SIZE_BYTES_MAX": [
    "lib/http/lab_routes_test.ts",
    "the lab's doors want the secret",
  ],
  "lib/http/p2p_routes.ts REFUSALS_WAITING_MAX": [
    "lib/http/p2p_routes_test.ts",
    "X02 a refusal comes late",
  ],
  "lib/http/payment_door.ts TO_LENGTH_MAX": [
    "lib/http/payment_door_test.ts",
    "readPayments() leaves names and lists",
  ],
  "lib/http/present.ts WALLETS_REMEMBERED_MAX": [
    "lib/http/bounded_reads_test.ts",
    "X04 names of wallets are remembered",
  ],
  "lib/http/rationed.ts REST_MS_MAX": [
    "lib/http/bounded_reads_test.ts",
    "X04 however dear an answer was",
  ],
  "lib/runtime/idle_connections.ts FRESH_MAX": [
    "lib/runtime/idle_connections_test.ts",
    "X07 of very many that have sent nothing whole",
  ],
  "lib/runtime/connections.ts idleMax": [
    "lib/runtime/connections_test.ts",
    "X07 1,024 connections of an address rest",
  ],
  "lib/runtime/connections.ts idlePerAddressMax": [
    "lib/runtime/connections_test.ts",
    "X07 1,024 connections of an address rest",
  ],
  "lib/runtime/connections.ts firstRequestMsMax": [
    "lib/runtime/http_server_test.ts",
    "X07 connections that say nothing",
    "with its own number",
  ],
  "lib/runtime/connections.ts restMsMax": [
    "lib/runtime/http_server_test.ts",
    "X07 a connection that rests is closed later",
    "with its own number",
  ],
  "lib/runtime/connections.ts sendMsMax": [
    "lib/runtime/http_server_test.ts",
    "X07 whoever does not read its answer",
    "with its own number",
  ],
  "lib/runtime/connections.ts sendingMax": [
    "lib/runtime/connections_test.ts",
    "X07 32 answers are on their way",
  ],
  "lib/runtime/connections.ts newPerAddress": [
    "lib/runtime/connections_test.ts",
    "X07 an address connects 500 times at once",
  ],
  "lib/runtime/connections.ts newOfStrangers": [
    "lib/runtime/connections_test.ts",
    "X07 an address connects 500 times at once",
  ],
  "lib/runtime/lab/lab_trace.ts TRACE_EVENTS_MAX": [
    "lib/runtime/lab/lab_trace_test.ts",
    "what is too much is lost",
  ],
  "lib/runtime/memory_watch.ts GROWTH_BYTES_MAX": [
    "lib/runtime/memory_watch_test.ts",
    "createMemoryLook()",
  ],
  "lib/runtime/node_loop.ts BATCH_INPUTS_MAX": [
    "lib/runtime/node_loop_test.ts",
    "NodeLoop takes ",
  ],
  "lib/runtime/payment_gate.ts PEER_LAG_MS_MAX": [
    "lib/runtime/payment_gate_test.ts",
    "PaymentGate holds payments back",
  ],
  "lib/runtime/payment_gate.ts BLOCKS_WAITING_MAX": [
    "lib/runtime/payment_gate_test.ts",
    "BLOCKS_WAITING_MAX",
  ],
  "lib/runtime/payment_gate.ts TRANSACTIONS_WAITING_MAX": [
    "lib/runtime/payment_gate_test.ts",
    "TRANSACTIONS_WAITING_MAX",
  ],
  "lib/runtime/payment_gate.ts BLOCK_AGE_MS_MAX": [
    "lib/runtime/payment_gate_test.ts",
    "BLOCK_AGE_MS_MAX",
  ],
  "lib/runtime/payment_gate.ts PAYMENT_DELAY_MS_MAX": [
    "lib/runtime/payment_gate_test.ts",
    "PAYMENT_DELAY_MS_MAX",
  ],
  "lib/runtime/http_server.ts OPEN_REQUESTS_MAX": [
    "lib/runtime/http_server_test.ts",
    "X03 a connection that asks for too much",
  ],
  "lib/runtime/request_limit.ts openMax": [
    "lib/runtime/request_limit_test.ts",
    "X03 with the bounds of a node",
  ],
  "lib/runtime/request_limit.ts openPerAddressMax": [
    "lib/runtime/request_limit_test.ts",
    "X03 with the bounds of a node",
  ],
  "lib/runtime/request_limit.ts bodiesPerAddressMax": [
    "lib/runtime/request_limit_test.ts",
    "X03 128 half bodies of an address wait",
  ],
  "lib/runtime/request_limit.ts bodiesMax": [
    "lib/runtime/request_limit_test.ts",
    "X03 128 half bodies of an address wait",
  ],
  "lib/runtime/shared_answers.ts SHARED_MS_MAX": [
    "lib/runtime/shared_answers_test.ts",
    "X04 an answer is shared for five seconds",
  ],
  "lib/runtime/shared_answers.ts SHARED_ANSWERS_MAX": [
    "lib/runtime/shared_answers_test.ts",
    "X04 sixteen answers",
  ],
  "lib/runtime/shared_answers.ts SHARED_SIZE_BYTES_MAX": [
    "lib/runtime/shared_answers_test.ts",
    "X04 sixteen answers",
  ],
  "lib/http/rationed.ts PIECE_MS_MAX":
    "how long one piece of a computation holds others up: nothing grows",
};
