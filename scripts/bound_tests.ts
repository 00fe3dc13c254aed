/**
 * Where each bound of a node bites: the test that reaches it, and then asks for more.
 *
 * `bound_tests_test.ts` fails on a bound that is neither here nor named in a test, and on an entry whose
 * bound or test is gone. `bound_score.ts` raises one bound after the other a thousand times and says which of
 * these tests do not notice.
 *
 * @module
 */

import { SERVING_BOUND_TESTS } from "./bound_tests_serving.ts";

/**
 * A test by its file and how its name begins, or why a number ending in `MAX` bounds nothing that grows. A
 * test that gives a smaller number of its own for what is a default otherwise says so.
 */
export type BoundEntry =
  | readonly [file: string, title: string]
  | readonly [file: string, title: string, "with its own number"]
  | string;

/** The rooms whose bounds have to be here. */
export const ROOMS = [
  "lib/wire",
  "lib/consensus",
  "lib/mempool",
  "lib/node",
  "lib/store",
  "lib/peers",
  "lib/http",
  "lib/runtime",
] as const;

const BUDGETS = "lib/peers/peer_budgets_test.ts";
const CODEC = "lib/wire/codec_test.ts";
const HOSTILE_PEERS = "lib/node/hostile_peers_test.ts";
const HOSTILE_STREAMS = "lib/peers/hostile_streams_test.ts";
const NODE_BOUNDS = "lib/node/node_bounds_test.ts";
const DESK = "lib/peers/handshake_desk_test.ts";
const STREAMS = "lib/peers/incoming_streams_test.ts";

/** By file and name. */
export const BOUND_TESTS: Readonly<Record<string, BoundEntry>> = {
  "lib/wire/api_basics.ts API_BODY_SIZE_BYTES_MAX": [
    "lib/http/refusals_test.ts",
    "P01 a body of 100 MB is refused unread",
  ],
  "lib/wire/api_basics.ts LIST_LIMIT_MAX": [
    "lib/wire/api_bounds_test.ts",
    "a list has 1,000 items at most",
  ],
  "lib/wire/api_basics.ts TRANSACTION_LIST_MAX": [
    "lib/http/list_limits_test.ts",
    "X04 a page has",
  ],
  "lib/wire/api_chain.ts RAW_BLOCKS_MAX": [
    "lib/wire/api_bounds_test.ts",
    "10,000 raw blocks are asked for at once",
  ],
  "lib/wire/api_network.ts MINE_NOW_BLOCKS_MAX": [
    "lib/wire/api_bounds_test.ts",
    "1,000 blocks are ordered at once",
  ],
  "lib/wire/api_wallet.ts PAYMENT_LIST_MAX": [
    "lib/http/payment_list_test.ts",
    "POST /payments refuses a list that is empty, too long",
  ],
  "lib/wire/batch.ts BATCH_SIZE_BYTES_MAX": [
    "lib/wire/batch_test.ts",
    "decodeBatch() takes a frame with one message of 8 MiB",
  ],
  "lib/wire/batch.ts BATCH_MESSAGES_MAX": [
    "lib/wire/batch_test.ts",
    "decodeBatch() refuses an empty frame",
  ],
  "lib/wire/handshake.ts JOIN_TOKEN_SIZE_BYTES_MAX": [
    "lib/commands/node_command_test.ts",
    "a join token has 256 bytes at most",
  ],
  "lib/wire/handshake.ts STREAM_REQUEST_SIZE_BYTES_MAX": [
    "lib/http/p2p_routes_test.ts",
    "P02 GET /stream opens for a WebSocket",
  ],
  "lib/wire/lab.ts LAB_LATENCY_MS_MAX": [
    "lib/wire/api_bounds_test.ts",
    "a fault is a minute and a day at most",
  ],
  "lib/wire/lab.ts LAB_SKEW_MS_MAX": [
    "lib/wire/api_bounds_test.ts",
    "a fault is a minute and a day at most",
  ],
  "lib/wire/lab.ts LAB_HEIGHTS_MAX": [
    "lib/wire/api_bounds_test.ts",
    "1,000 heights are asked for at once",
  ],
  "lib/wire/message.ts HEADERS_MAX": [CODEC, "decodeMessage() refuses counts above their bounds"],
  "lib/wire/message.ts BLOCKS_MAX": [CODEC, "decodeMessage() refuses counts above their bounds"],
  "lib/wire/message.ts LOCATOR_MAX": [CODEC, "decodeMessage() refuses counts above their bounds"],
  "lib/wire/message.ts TRANSACTIONS_MAX": [
    CODEC,
    "decodeMessage() refuses counts above their bounds",
  ],
  "lib/wire/message.ts RECORDS_MAX": [CODEC, "decodeMessage() takes 10,000 records"],
  "lib/wire/message.ts MESSAGE_SIZE_BYTES_MAX": [
    "lib/wire/batch_test.ts",
    "decodeBatch() takes a frame with one message of 8 MiB",
  ],
  "lib/wire/message_table.ts REFUSAL_TEXT_SIZE_BYTES_MAX": [
    CODEC,
    "decodeMessage() takes 10,000 records",
  ],
  "lib/wire/ring.ts URL_SIZE_BYTES_MAX": [
    "lib/wire/ring_test.ts",
    "N08 verifyRecord() refuses a URL that cannot be called",
  ],

  "lib/consensus/recent_blocks.ts RECENT_BLOCKS_MAX": [
    "lib/consensus/recent_blocks_test.ts",
    "RecentBlocks keeps 32 small blocks",
  ],
  "lib/consensus/recent_blocks.ts RECENT_BLOCKS_SIZE_BYTES_MAX": [
    "lib/consensus/recent_blocks_test.ts",
    "RecentBlocks keeps as few large blocks as fit",
  ],
  "lib/consensus/utxo_commitment.ts TERMS_MAX":
    "how many terms are added before the carry: arithmetic, nothing grows",

  "lib/mempool/mempool.ts MEMPOOL_TRANSACTIONS_MAX": [
    "lib/mempool/mempool_test.ts",
    "policy mempool-full",
  ],
  "lib/mempool/mempool.ts MEMPOOL_RETURNED_MAX": [
    "lib/mempool/mempool_test.ts",
    "R10 a pool that is full twice over",
  ],
  "lib/mempool/orphan_transactions.ts ORPHAN_TRANSACTIONS_MAX": [
    "lib/mempool/orphan_transactions_test.ts",
    "M01 no more than 1,000 are held",
  ],
  "lib/mempool/orphan_transactions.ts ORPHAN_TRANSACTION_AGE_MS_MAX": [
    "lib/mempool/orphan_transactions_test.ts",
    "M01 none is held for more than a minute",
  ],

  "lib/node/doors.ts YOUNG_MS_MAX": [
    "lib/node/relay_test.ts",
    "a block leaves its old transactions at home",
  ],
  "lib/node/doors.ts SIDE_DEPTH_MAX": [NODE_BOUNDS, "F11 a side block is told of"],
  "lib/node/fetch_blocks.ts PEER_BLOCKS_MAX": [
    NODE_BOUNDS,
    "a peer is asked for 32 blocks at a time",
  ],
  "lib/node/ignored.ts CONFIRMED_LATELY_MAX": [
    HOSTILE_PEERS,
    "X06 confirmed transactions are remembered up to 20,000",
  ],
  "lib/node/orphan_blocks.ts ORPHAN_BLOCKS_MAX": [
    "lib/node/orphan_blocks_test.ts",
    "X03 512 blocks without their parents",
  ],
  "lib/node/orphan_blocks.ts ORPHAN_BLOCKS_SIZE_BYTES_MAX": [
    "lib/node/orphan_blocks_test.ts",
    "X03 64 MiB of blocks without their parents",
  ],
  "lib/node/paid_keys.ts PAID_KEYS_MAX": [NODE_BOUNDS, "R12 10,000 keys of payments"],
  "lib/node/peer_table.ts SCORE_MAX": [
    "lib/node/silence_test.ts",
    "a peer that goes on being silent is charged once per time-out",
  ],
  "lib/node/peer_table.ts MESSAGES_PER_SECOND_MAX": [
    HOSTILE_PEERS,
    "X06 known compact blocks count: 20,000 in a second",
  ],
  "lib/node/peer_table.ts STRANGERS_MESSAGES_PER_SECOND_MAX": [
    HOSTILE_PEERS,
    "strangers together are heard 1,000 times a second",
  ],
  "lib/node/peer_table.ts OBSERVERS_MAX": [
    "lib/node/node_test.ts",
    "a node knows 64 observers at most",
  ],
  "lib/node/peer_table.ts BACK_OFF_DOUBLINGS_MAX": [
    NODE_BOUNDS,
    "a peer is left alone for 64 times as long at most",
  ],
  "lib/node/queries.ts STATUSES_MISSED_MAX": [
    "lib/node/queries_test.ts",
    "healthOf() tells peers that are cut off, silent and backed off apart",
  ],
  "lib/node/compact_block.ts PARTIAL_BLOCKS_MAX": [NODE_BOUNDS, "X03 16 announced blocks wait"],
  "lib/node/relay.ts PREFILLED_MAX": [NODE_BOUNDS, "a block brings 64 of its transactions"],
  "lib/node/compact_block.ts RIVAL_BLOCKS_MAX": [
    NODE_BOUNDS,
    "a rival block is built from what the newest",
  ],
  "lib/node/serve.ts SERVED_BYTES_PER_SECOND_MAX": [
    HOSTILE_PEERS,
    "a peer that asks for everything again and again",
  ],
  "lib/node/state.ts FAILED_PAYMENTS_MAX": [NODE_BOUNDS, "R10 10,000 failed payments"],
  "lib/node/state.ts joinRetryMsMax": [
    "lib/node/join_network_test.ts",
    "a node that waits for its place asks every two",
  ],
  "lib/node/recent_templates.ts RECENT_TEMPLATES_MAX": [
    NODE_BOUNDS,
    "eight templates are remembered",
  ],

  "lib/store/key_file.ts SCRYPT_MEMORY_BYTES_MAX": [
    "lib/store/key_file_test.ts",
    "X03 a key file may ask for 256 MiB",
  ],
  "lib/store/key_file.ts SCRYPT_P_MAX": [
    "lib/store/key_file_test.ts",
    "X03 a key file may ask for 256 MiB",
  ],
  "lib/store/key_file.ts KEY_TEXT_SIZE_MAX": [
    "lib/store/key_file_test.ts",
    "X03 a key file has 4,096 characters at most",
  ],
  "lib/store/pool_tables.ts CONFIRMED_SIZE_MAX": [
    "lib/store/pool_tables_test.ts",
    "PoolTables takes out what blocks confirm",
  ],
  "lib/store/pool_tables.ts RUN_LENGTH_MAX":
    "how many transactions share a row of the database: nothing grows",
  "lib/store/table_backlog.ts POSITIONS_MAX":
    "a factor of an encoding, above the most transactions of a block: nothing grows",

  "lib/peers/address_proofs.ts PROOFS_MAX": [
    "lib/peers/address_proofs_test.ts",
    "X03 1,024 proofs are remembered",
  ],
  "lib/peers/handshake_desk.ts OPENING_KEYS_MAX": [
    DESK,
    "X03 4,096 handshakes of members wait",
  ],
  "lib/peers/outbox.ts OUTBOX_MESSAGES_MAX": [
    "lib/peers/outbox_test.ts",
    "Outbox drops the oldest above 8,192 messages",
  ],
  "lib/peers/outbox.ts OUTBOX_SIZE_BYTES_MAX": [
    "lib/peers/outbox_test.ts",
    "Outbox drops the oldest above 8,192 messages",
  ],
  "lib/peers/outgoing_link.ts backOffMsMax": [
    "lib/peers/peer_transport_test.ts",
    "a peer that cannot be reached is tried again ever more rarely",
  ],
  "lib/peers/peer_budgets.ts FRAME_SIZE_BYTES_MAX": [
    BUDGETS,
    "X03 frames are refused by their size",
  ],
  "lib/peers/peer_budgets.ts strangersWorkMsMax": [BUDGETS, "X03 what a busy machine takes"],
  "lib/peers/peer_budgets.ts addressesMax": [BUDGETS, "X03 addressesMax: 4,096 callers"],
  "lib/peers/peer_budgets.ts waitingOfMembersMax": [DESK, "X03 4,096 handshakes of members wait"],
  "lib/peers/peer_budgets.ts waitingOfStrangersMax": [DESK, "X03 128 handshakes of strangers wait"],
  "lib/peers/peer_budgets.ts waitingMsMax": [DESK, "HandshakeDesk believes no proof"],
  "lib/peers/peer_budgets.ts streamsOfMemberMax": [
    "lib/peers/peer_transport_test.ts",
    "a peer with more streams than it needs loses the oldest",
  ],
  "lib/peers/peer_budgets.ts streamsOfObserverMax": [
    STREAMS,
    "X03 of a peer's streams the oldest go",
  ],
  "lib/peers/peer_budgets.ts streamsOfStrangersMax": [
    STREAMS,
    "X03 strangers of all addresses have",
  ],
  "lib/peers/peer_budgets.ts streamsOfAddressMax": [
    HOSTILE_STREAMS,
    "X03 strangers have 64 streams from one address",
  ],
  "lib/peers/peer_budgets.ts strangerStreamMsMax": [
    STREAMS,
    "X03 a stranger has 30 s to be let in",
  ],
  "lib/peers/peer_budgets.ts frameOfPeerSizeBytesMax": [
    BUDGETS,
    "X03 frames are refused by their size",
  ],
  "lib/peers/peer_budgets.ts frameOfStrangerSizeBytesMax": [
    BUDGETS,
    "X03 frames are refused by their size",
  ],
  "lib/peers/peer_budgets.ts waitingOfMemberSizeBytesMax": [
    BUDGETS,
    "X03 1 MiB of all strangers' frames wait",
  ],
  "lib/peers/peer_budgets.ts waitingOfObserverSizeBytesMax": [
    BUDGETS,
    "X03 1 MiB of all strangers' frames wait",
  ],
  "lib/peers/peer_budgets.ts waitingOfStrangersSizeBytesMax": [
    BUDGETS,
    "X03 1 MiB of all strangers' frames wait",
  ],
  "lib/peers/peer_budgets.ts bytesOfStrangers": [BUDGETS, "X03 strangers together send 1 MiB"],
  "lib/peers/peer_budgets.ts frameOfModestStrangerSizeBytesMax": [
    BUDGETS,
    "X03 strangers together send 1 MiB",
  ],
  "lib/peers/peer_budgets.ts handshakesOfMember": [
    BUDGETS,
    "X02 X03 strangers shake hands 64 times",
  ],
  "lib/peers/peer_budgets.ts handshakesOfObserver": [
    BUDGETS,
    "X02 X03 strangers shake hands 64 times",
  ],
  "lib/peers/peer_budgets.ts handshakesOfAddress": [
    BUDGETS,
    "X02 X03 strangers shake hands 64 times",
  ],
  "lib/peers/peer_budgets.ts handshakesOfStrangers": [
    BUDGETS,
    "X02 X03 strangers shake hands 64 times",
  ],
  "lib/peers/peer_budgets.ts strangersMs": [BUDGETS, "X03 strangers get 50 ms of processor time"],
  "lib/peers/peer_budgets.ts lateStrangersMs": [
    BUDGETS,
    "X03 once all members are known strangers get 25 ms",
  ],
  "lib/peers/peer_budgets.ts messagesOfObserver": [BUDGETS, "X03 who is no member waits"],
  "lib/peers/peer_budgets.ts messagesOfStrangers": [BUDGETS, "X03 who is no member waits"],
  "lib/peers/peer_budgets.ts messagesOfStranger": [BUDGETS, "X03 who is no member waits"],
  "lib/peers/peer_budgets.ts proofsOfAddress": [
    BUDGETS,
    "X01 addresses of joiners are called 8 times",
  ],
  "lib/peers/peer_budgets.ts proofs": [BUDGETS, "X01 addresses of joiners are called 8 times"],
  "lib/peers/frame_sender.ts COMPANY_MS_MAX":
    "how long transactions wait for others to go with them: nothing grows",
  "lib/peers/frame_receiver.ts ACK_MS_MAX":
    "how long an acknowledgement waits for the next one: nothing grows",
  "lib/peers/frame_receiver.ts ACK_FRAMES_MAX": [
    HOSTILE_STREAMS,
    "an acknowledgement speaks for two frames of transactions at most, and one frame gets its own",
  ],
  "lib/peers/frame_receiver.ts FRAMES_WAITING_MAX": [
    HOSTILE_STREAMS,
    "X03 eight frames of one stream wait at a time",
  ],
  "lib/peers/peer_transport.ts LINKS_MAX": [
    "lib/peers/peer_transport_test.ts",
    "the link that was not used for the longest time gives way",
    "with its own number",
  ],
  "lib/peers/shake_hands.ts sizeBytesMax": [
    "lib/peers/shake_hands_test.ts",
    "X03 whoever is called answers in 4,096 bytes",
  ],
  "lib/peers/shake_hands.ts REFUSAL_SIZE_BYTES_MAX": [
    "lib/peers/shake_hands_test.ts",
    "X03 whoever is called answers in 4,096 bytes",
  ],

  ...SERVING_BOUND_TESTS,
};
